// SPDX-License-Identifier: MIT
// BAR0 block TOP: what the chip is, its time, the aperture, and the asking for resets.

module sl200_top_regs (
  input  logic        clk_i,
  input  logic        rst_ni,          // rst_chip_no
  input  sl200_pkg::reg_req_t reg_req_i,
  output logic [31:0] reg_rdata_o,
  input  logic [63:0] time_i,
  input  logic [63:0] dram_size_i,
  input  logic [63:0] serial_i,
  input  logic [31:0] reset_count_i,
  output logic [63:0] aperture_o,
  output logic        mcu_req_o,       // pulses
  output logic        chip_req_o
);

  localparam logic [31:0] ImplRtl = 32'd2 << sl200_regs_pkg::TopImplKindLsb;
  localparam int unsigned ApertureShift = 16;

  logic [31:0] addr;
  logic        read, write;
  logic [31:0] rdata_q;
  logic [31:0] scratch_q;
  logic [31:0] time_hi_q;
  logic [63:ApertureShift] aperture_q;

  assign addr = {16'h0, reg_req_i.addr};
  assign read = reg_req_i.valid && !reg_req_i.write;
  assign write = reg_req_i.valid && reg_req_i.write;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      scratch_q <= sl200_regs_pkg::TopScratchReset;
      aperture_q <= '0;
      time_hi_q <= '0;
    end else if (write) begin
      unique case (addr)
        sl200_regs_pkg::TopScratchAddr:    scratch_q <= reg_req_i.wdata;
        sl200_regs_pkg::TopApertureLoAddr:
          aperture_q[31:ApertureShift] <= reg_req_i.wdata[31:ApertureShift];
        sl200_regs_pkg::TopApertureHiAddr: aperture_q[63:32] <= reg_req_i.wdata;
        default: ;
      endcase
    end else if (read && (addr == sl200_regs_pkg::TopTimeLoAddr)) begin
      time_hi_q <= time_i[63:32];
    end
  end

  always_ff @(posedge clk_i) begin
    rdata_q <= '0;
    if (read) begin
      unique case (addr)
        sl200_regs_pkg::TopIdAddr:         rdata_q <= sl200_regs_pkg::TopIdReset;
        sl200_regs_pkg::TopHwVersionAddr:  rdata_q <= sl200_regs_pkg::TopHwVersionReset;
        sl200_regs_pkg::TopAbiAddr:        rdata_q <= sl200_regs_pkg::TopAbiReset;
        sl200_regs_pkg::TopImplAddr:       rdata_q <= ImplRtl;
        sl200_regs_pkg::TopScratchAddr:    rdata_q <= scratch_q;
        sl200_regs_pkg::TopNumQueuesAddr:  rdata_q <= sl200_abi_pkg::MaxQueues;
        sl200_regs_pkg::TopNumEnginesAddr: rdata_q <= sl200_pkg::NumEngines;
        // Constants need no latch.
        sl200_regs_pkg::TopDramSizeLoAddr: rdata_q <= dram_size_i[31:0];
        sl200_regs_pkg::TopDramSizeHiAddr: rdata_q <= dram_size_i[63:32];
        sl200_regs_pkg::TopTimeLoAddr:     rdata_q <= time_i[31:0];
        sl200_regs_pkg::TopTimeHiAddr:     rdata_q <= time_hi_q;
        sl200_regs_pkg::TopSerialLoAddr:   rdata_q <= serial_i[31:0];
        sl200_regs_pkg::TopSerialHiAddr:   rdata_q <= serial_i[63:32];
        sl200_regs_pkg::TopApertureLoAddr: rdata_q <= aperture_o[31:0];
        sl200_regs_pkg::TopApertureHiAddr: rdata_q <= aperture_o[63:32];
        sl200_regs_pkg::TopResetCountAddr: rdata_q <= reset_count_i;
        default: ;
      endcase
    end
  end

  assign reg_rdata_o = rdata_q;
  assign aperture_o = {aperture_q, {ApertureShift{1'b0}}};
  assign mcu_req_o = write && (addr == sl200_regs_pkg::TopResetAddr) &&
                     (reg_req_i.wdata == sl200_regs_pkg::TopResetMcu);
  assign chip_req_o = write && (addr == sl200_regs_pkg::TopResetAddr) &&
                      (reg_req_i.wdata == sl200_regs_pkg::TopResetChip);

endmodule
