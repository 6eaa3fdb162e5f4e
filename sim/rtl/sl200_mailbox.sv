// SPDX-License-Identifier: MIT
// What the host and the MCU tell each other: BAR0 blocks BOOT, ADMIN and MCU, and the same
// registers from the other side as SYS of the MCU's bus, with the MCU's interrupts, timer and
// halt.

module sl200_mailbox (
  input  logic         clk_i,
  input  logic         rst_ni,          // rst_dma_no
  input  logic [63:0]  time_i,
  input  logic [63:0]  dram_size_i,
  input  logic [255:0] otp_key_i,
  input  logic [31:0]  otp_min_version_i,
  input  logic [31:0]  engine_resets_i,
  // The host's view and the MCU's.
  input  sl200_pkg::reg_req_t reg_req_i,
  output logic [31:0]  reg_rdata_o,
  input  sl200_pkg::reg_req_t bus_req_i,
  output logic [31:0]  bus_rdata_o,
  // The core.
  input  logic         core_run_i,      // not held in reset
  input  logic         in_rom_i,
  input  logic         crash_i,         // pulse: injected
  output logic         halted_o,
  output logic         boot_go_o,       // pulses
  output logic         boot_failed_o,
  // Interrupts.
  input  logic         doorbell_pending_i,
  input  logic         engine_done_i,
  output logic         irq_external_o,
  output logic         irq_timer_o,
  output logic         timer_armed_o,
  output logic [63:0]  timer_cmp_o,
  // MSI-X messages.
  output logic         send_o,          // pulse
  output logic [31:0]  send_vector_o
);

  // ---------------------------------------------------------------- the host's registers
  logic [31:0] reg_addr, reg_wdata;
  logic        reg_read, reg_write;
  logic [31:0] reg_rdata_q;
  logic [63:0] boot_image_q, admin_sq_q, admin_cq_q;
  logic [31:0] boot_size_q, admin_depth_q;
  logic [1:0]  boot_source_q;
  logic        admin_enable_q;
  logic        admin_written;

  // ---------------------------------------------------------------- the MCU's registers
  logic [31:0] bus_addr, bus_wdata;
  logic        bus_read, bus_write;
  logic [31:0] bus_rdata_q;
  logic [31:0] boot_status_q, boot_detail_q, admin_status_q;
  logic [31:0] heartbeat_q, fw_version_q, fw_abi_q, panic_q, event_seq_q;
  logic [31:0] time_hi_q;
  logic        halted_q;

  logic [63:0] timer_cmp_q;
  logic [31:0] timer_lo_q;      // written, not yet armed
  logic        timer_armed_q, timer_pending_q, host_pending_q;
  logic [31:0] irq, state;

  assign reg_addr = {16'h0, reg_req_i.addr};
  assign reg_wdata = reg_req_i.wdata;
  assign reg_read = reg_req_i.valid && !reg_req_i.write;
  assign reg_write = reg_req_i.valid && reg_req_i.write;
  assign bus_addr = sl200_regs_pkg::SysBase | {16'h0, bus_req_i.addr};
  assign bus_wdata = bus_req_i.wdata;
  assign bus_read = bus_req_i.valid && !bus_req_i.write;
  assign bus_write = bus_req_i.valid && bus_req_i.write;

  // ---------------------------------------------------------------- boot
  // A core whose boot has failed goes back into reset, so GO finds it there.
  assign boot_go_o = reg_write && (reg_addr == sl200_regs_pkg::BootCtrlAddr) &&
                     reg_wdata[sl200_regs_pkg::BootCtrlGoLsb] && !core_run_i &&
                     ((boot_status_q == sl200_abi_pkg::BootReset) ||
                      (boot_status_q > sl200_abi_pkg::BootRunning));
  assign boot_failed_o = bus_write && (bus_addr == sl200_regs_pkg::SysBootStatusAddr) &&
                         (bus_wdata > sl200_abi_pkg::BootRunning);

  assign admin_written = reg_write && (reg_addr == sl200_regs_pkg::AdminCtrlAddr);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      boot_image_q <= '0;
      boot_size_q <= sl200_regs_pkg::BootSizeReset;
      boot_source_q <= '0;
      admin_sq_q <= '0;
      admin_cq_q <= '0;
      admin_depth_q <= sl200_regs_pkg::AdminDepthReset;
      admin_enable_q <= 1'b0;
    end else if (reg_write) begin
      unique case (reg_addr)
        sl200_regs_pkg::BootImageLoAddr: boot_image_q[31:0] <= reg_wdata;
        sl200_regs_pkg::BootImageHiAddr: boot_image_q[63:32] <= reg_wdata;
        sl200_regs_pkg::BootSizeAddr:    boot_size_q <= reg_wdata;
        sl200_regs_pkg::AdminSqLoAddr:   admin_sq_q[31:0] <= reg_wdata;
        sl200_regs_pkg::AdminSqHiAddr:   admin_sq_q[63:32] <= reg_wdata;
        sl200_regs_pkg::AdminCqLoAddr:   admin_cq_q[31:0] <= reg_wdata;
        sl200_regs_pkg::AdminCqHiAddr:   admin_cq_q[63:32] <= reg_wdata;
        sl200_regs_pkg::AdminDepthAddr:  admin_depth_q <= reg_wdata;
        sl200_regs_pkg::AdminCtrlAddr:
          admin_enable_q <= reg_wdata[sl200_regs_pkg::AdminCtrlEnableLsb];
        default: ;
      endcase
      if (boot_go_o) boot_source_q <= reg_wdata[sl200_regs_pkg::BootCtrlSourceLsb +: 2];
    end
  end

  always_comb begin
    if (!core_run_i) state = sl200_regs_pkg::McuStateValueReset;
    else if (halted_q) state = sl200_regs_pkg::McuStateHalted;
    else if (in_rom_i) state = sl200_regs_pkg::McuStateRom;
    else state = sl200_regs_pkg::McuStateRun;
  end

  always_ff @(posedge clk_i) begin
    reg_rdata_q <= '0;
    if (reg_read) begin
      unique case (reg_addr)
        sl200_regs_pkg::BootImageLoAddr:  reg_rdata_q <= boot_image_q[31:0];
        sl200_regs_pkg::BootImageHiAddr:  reg_rdata_q <= boot_image_q[63:32];
        sl200_regs_pkg::BootSizeAddr:     reg_rdata_q <= boot_size_q;
        sl200_regs_pkg::BootStatusAddr:   reg_rdata_q <= boot_status_q;
        sl200_regs_pkg::BootDetailAddr:   reg_rdata_q <= boot_detail_q;
        sl200_regs_pkg::AdminSqLoAddr:    reg_rdata_q <= admin_sq_q[31:0];
        sl200_regs_pkg::AdminSqHiAddr:    reg_rdata_q <= admin_sq_q[63:32];
        sl200_regs_pkg::AdminCqLoAddr:    reg_rdata_q <= admin_cq_q[31:0];
        sl200_regs_pkg::AdminCqHiAddr:    reg_rdata_q <= admin_cq_q[63:32];
        sl200_regs_pkg::AdminDepthAddr:   reg_rdata_q <= admin_depth_q;
        sl200_regs_pkg::AdminCtrlAddr:
          reg_rdata_q <= 32'(admin_enable_q) << sl200_regs_pkg::AdminCtrlEnableLsb;
        sl200_regs_pkg::AdminStatusAddr:  reg_rdata_q <= admin_status_q;
        sl200_regs_pkg::McuStateAddr:     reg_rdata_q <= state;
        sl200_regs_pkg::McuHeartbeatAddr: reg_rdata_q <= heartbeat_q;
        sl200_regs_pkg::McuFwVersionAddr: reg_rdata_q <= fw_version_q;
        sl200_regs_pkg::McuFwAbiAddr:     reg_rdata_q <= fw_abi_q;
        sl200_regs_pkg::McuPanicAddr:     reg_rdata_q <= panic_q;
        sl200_regs_pkg::McuEventSeqAddr:  reg_rdata_q <= event_seq_q;
        default: ;
      endcase
    end
  end

  // ---------------------------------------------------------------- SYS
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      boot_status_q <= sl200_abi_pkg::BootReset;
      boot_detail_q <= sl200_regs_pkg::BootDetailReset;
      admin_status_q <= sl200_regs_pkg::AdminStatusReset;
      heartbeat_q <= sl200_regs_pkg::McuHeartbeatReset;
      fw_version_q <= sl200_regs_pkg::McuFwVersionReset;
      fw_abi_q <= sl200_regs_pkg::McuFwAbiReset;
      event_seq_q <= sl200_regs_pkg::McuEventSeqReset;
      time_hi_q <= '0;
    end else begin
      if (bus_write) begin
        unique case (bus_addr)
          sl200_regs_pkg::SysBootStatusAddr:  boot_status_q <= bus_wdata;
          sl200_regs_pkg::SysBootDetailAddr:  boot_detail_q <= bus_wdata;
          sl200_regs_pkg::SysAdminStatusAddr: admin_status_q <= bus_wdata;
          sl200_regs_pkg::SysHeartbeatAddr:   heartbeat_q <= bus_wdata;
          sl200_regs_pkg::SysFwVersionAddr:   fw_version_q <= bus_wdata;
          sl200_regs_pkg::SysFwAbiAddr:       fw_abi_q <= bus_wdata;
          sl200_regs_pkg::SysEventSeqAddr:    event_seq_q <= bus_wdata;
          default: ;
        endcase
      end
      if (bus_read && (bus_addr == sl200_regs_pkg::SysTimeLoAddr)) time_hi_q <= time_i[63:32];
      if (boot_go_o) begin
        boot_status_q <= sl200_abi_pkg::BootRom;
        boot_detail_q <= sl200_regs_pkg::BootDetailReset;
      end
    end
  end

  // The first reason to halt stays.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      halted_q <= 1'b0;
      panic_q <= sl200_abi_pkg::PanicNone;
    end else if (core_run_i && !halted_q) begin
      if (bus_write && (bus_addr == sl200_regs_pkg::SysPanicAddr) && (bus_wdata != '0)) begin
        halted_q <= 1'b1;
        panic_q <= bus_wdata;
      end else if (crash_i) begin
        halted_q <= 1'b1;
        panic_q <= sl200_abi_pkg::PanicInjected;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    bus_rdata_q <= '0;
    if (bus_read) begin
      unique case (bus_addr)
        sl200_regs_pkg::SysIrqAddr:           bus_rdata_q <= irq;
        sl200_regs_pkg::SysTimeLoAddr:        bus_rdata_q <= time_i[31:0];
        sl200_regs_pkg::SysTimeHiAddr:        bus_rdata_q <= time_hi_q;
        sl200_regs_pkg::SysTimerCmpLoAddr:    bus_rdata_q <= timer_lo_q;
        sl200_regs_pkg::SysTimerCmpHiAddr:    bus_rdata_q <= timer_cmp_q[63:32];
        sl200_regs_pkg::SysBootImageLoAddr:   bus_rdata_q <= boot_image_q[31:0];
        sl200_regs_pkg::SysBootImageHiAddr:   bus_rdata_q <= boot_image_q[63:32];
        sl200_regs_pkg::SysBootSizeAddr:      bus_rdata_q <= boot_size_q;
        sl200_regs_pkg::SysBootSourceAddr:    bus_rdata_q <= {30'h0, boot_source_q};
        sl200_regs_pkg::SysBootStatusAddr:    bus_rdata_q <= boot_status_q;
        sl200_regs_pkg::SysBootDetailAddr:    bus_rdata_q <= boot_detail_q;
        sl200_regs_pkg::SysAdminSqLoAddr:     bus_rdata_q <= admin_sq_q[31:0];
        sl200_regs_pkg::SysAdminSqHiAddr:     bus_rdata_q <= admin_sq_q[63:32];
        sl200_regs_pkg::SysAdminCqLoAddr:     bus_rdata_q <= admin_cq_q[31:0];
        sl200_regs_pkg::SysAdminCqHiAddr:     bus_rdata_q <= admin_cq_q[63:32];
        sl200_regs_pkg::SysAdminDepthAddr:    bus_rdata_q <= admin_depth_q;
        sl200_regs_pkg::SysAdminCtrlAddr:
          bus_rdata_q <= 32'(admin_enable_q) << sl200_regs_pkg::AdminCtrlEnableLsb;
        sl200_regs_pkg::SysAdminStatusAddr:   bus_rdata_q <= admin_status_q;
        sl200_regs_pkg::SysHeartbeatAddr:     bus_rdata_q <= heartbeat_q;
        sl200_regs_pkg::SysFwVersionAddr:     bus_rdata_q <= fw_version_q;
        sl200_regs_pkg::SysFwAbiAddr:         bus_rdata_q <= fw_abi_q;
        sl200_regs_pkg::SysPanicAddr:         bus_rdata_q <= panic_q;
        sl200_regs_pkg::SysEventSeqAddr:      bus_rdata_q <= event_seq_q;
        sl200_regs_pkg::SysNumEnginesAddr:    bus_rdata_q <= sl200_pkg::NumEngines;
        sl200_regs_pkg::SysOtpMinVersionAddr: bus_rdata_q <= otp_min_version_i;
        sl200_regs_pkg::SysResetEnginesAddr:  bus_rdata_q <= engine_resets_i;
        sl200_regs_pkg::SysDramSizeLoAddr:    bus_rdata_q <= dram_size_i[31:0];
        sl200_regs_pkg::SysDramSizeHiAddr:    bus_rdata_q <= dram_size_i[63:32];
        default: begin
          if ({bus_addr[31:5], 5'h0} == sl200_regs_pkg::SysOtpKeyAddr) begin
            bus_rdata_q <= otp_key_i[{bus_addr[4:2], 5'h0} +: 32];
          end
        end
      endcase
    end
  end

  // ---------------------------------------------------------------- interrupts
  // Where an event and its acknowledgement meet, the event stays.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      timer_cmp_q <= {sl200_regs_pkg::SysTimerCmpHiReset, sl200_regs_pkg::SysTimerCmpLoReset};
      timer_lo_q <= sl200_regs_pkg::SysTimerCmpLoReset;
      timer_armed_q <= 1'b0;
      timer_pending_q <= 1'b0;
      host_pending_q <= 1'b0;
    end else begin
      if (bus_write && (bus_addr == sl200_regs_pkg::SysIrqAckAddr)) begin
        if (bus_wdata[sl200_regs_pkg::SysIrqHostLsb]) host_pending_q <= 1'b0;
        if (bus_wdata[sl200_regs_pkg::SysIrqTimerLsb]) timer_pending_q <= 1'b0;
      end
      if (admin_written) host_pending_q <= 1'b1;
      if (timer_armed_q && (time_i >= timer_cmp_q)) begin
        timer_armed_q <= 1'b0;
        timer_pending_q <= 1'b1;
      end
      if (bus_write && (bus_addr == sl200_regs_pkg::SysTimerCmpLoAddr)) timer_lo_q <= bus_wdata;
      if (bus_write && (bus_addr == sl200_regs_pkg::SysTimerCmpHiAddr)) begin
        timer_cmp_q <= {bus_wdata, timer_lo_q};
        timer_armed_q <= 1'b1;
      end
    end
  end

  always_comb begin
    irq = '0;
    irq[sl200_regs_pkg::SysIrqDoorbellLsb] = doorbell_pending_i;
    irq[sl200_regs_pkg::SysIrqEngineLsb] = engine_done_i;
    irq[sl200_regs_pkg::SysIrqTimerLsb] = timer_pending_q;
    irq[sl200_regs_pkg::SysIrqHostLsb] = host_pending_q;
  end

  assign reg_rdata_o = reg_rdata_q;
  assign bus_rdata_o = bus_rdata_q;
  assign halted_o = halted_q;
  // The timer is also one of the external ones: who waits for any bit of IRQ enables only those.
  assign irq_external_o = irq != '0;
  assign irq_timer_o = timer_pending_q;
  assign timer_armed_o = timer_armed_q;
  assign timer_cmp_o = timer_cmp_q;
  assign send_o = bus_write && (bus_addr == sl200_regs_pkg::SysMsixSendAddr);
  assign send_vector_o = bus_wdata;

endmodule
