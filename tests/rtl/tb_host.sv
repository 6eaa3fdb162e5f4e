// SPDX-License-Identifier: MIT
// Test of sl200_host: tests/rtl/host_*.c drive it, one call a clock.

module tb (
  input logic clk_i
);

  localparam int unsigned NumEngines = sl200_pkg::NumEngines;

  import "DPI-C" context function void host_bench_start(input int unsigned seed);
  // What the block's outputs were in the cycle that ends now.
  import "DPI-C" context function void host_bench_host(
    input bit ready, input bit done, input bit error, input longint unsigned rdata,
    input bit flr_done, input bit idle);
  import "DPI-C" context function void host_bench_mcu(
    input int unsigned bus_rdata, input bit halt, input bit irq_external, input bit irq_timer,
    input bit timer_armed, input longint unsigned timer_cmp);
  import "DPI-C" context function void host_bench_resets(
    input bit core, input bit dma, input bit chip, input bit func, input bit quiesce);
  import "DPI-C" context function void host_bench_events(
    input bit msix_valid, input int unsigned msix_vector, input bit doorbell,
    input bit reg_valid, input bit reg_write, input int unsigned reg_addr);
  import "DPI-C" context function void host_bench_inject(
    input int unsigned hang, input int unsigned error, input bit corrupt, input bit corrected,
    input bit uncorrected);
  import "DPI-C" context function void host_bench_aperture(
    input bit req_valid, input bit write, input int unsigned space, input int unsigned asid,
    input longint unsigned addr, input int unsigned len, input bit wvalid, input bit [255:0] wdata);
  // Runs the test until it waits for the next clock; 1 when it is over.
  import "DPI-C" context function int host_bench_run();
  // What the inputs are from now on.
  import "DPI-C" context function void host_bench_set_host(
    output bit por_n, output bit valid, output bit write, output bit [2:0] bar,
    output bit [27:0] addr, output bit [3:0] size, output longint unsigned wdata,
    output bit flr, output bit bus_master, output bit msix_enable, output bit function_mask,
    output bit emulated, output longint unsigned now);
  import "DPI-C" context function void host_bench_set_mcu(
    output bit valid, output bit write, output bit [15:0] addr, output int unsigned wdata,
    output bit sleeping, output bit in_rom, output bit quiesced, output int unsigned reg_rdata);
  import "DPI-C" context function void host_bench_set_events(
    output bit [NumEngines-1:0] engine_done, output bit engine_reset, output bit [15:0] link_read,
    output bit [15:0] link_write, output bit [15:0] dram_read, output bit [15:0] dram_write,
    output bit [5:0] pulses, output bit [NumEngines-1:0] hang_taken,
    output bit [NumEngines-1:0] error_taken,
    output bit corrupt_taken, output bit ecc_taken);
  import "DPI-C" context function void host_bench_set_aperture(
    output bit ready, output bit wready, output bit rvalid, output bit [255:0] rdata,
    output bit bvalid, output bit [2:0] reason);

  localparam logic [63:0] Serial = 64'h0123_4567_89ab_cdef;
  localparam logic [63:0] DramSize = 64'h2_4020_0000;
  localparam logic [255:0] OtpKey =
      256'h1f1e1d1c_1b1a1918_17161514_13121110_0f0e0d0c_0b0a0908_07060504_03020100;
  localparam logic [31:0] OtpMinVersion = 32'h0000_0007;
  localparam logic [31:0] Temp = 32'd51234;
  localparam logic [31:0] Power = 32'd12345;

  int unsigned seed;

  initial begin
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    host_bench_start(seed);
  end

  // Inputs: the variables that C fills, and the registers behind them.
  bit              c_por_n, c_valid, c_write, c_flr, c_bus_master, c_enable, c_mask, c_emulated;
  bit              c_bus_valid, c_bus_write, c_sleeping, c_in_rom, c_quiesced, c_engine_reset;
  bit              c_corrupt_taken, c_ecc_taken, c_ready, c_wready, c_rvalid, c_bvalid;
  bit [2:0]        c_bar, c_reason;
  bit [27:0]       c_addr;
  bit [3:0]        c_size;
  bit [15:0]       c_bus_addr, c_link_read, c_link_write, c_dram_read, c_dram_write;
  bit [5:0]        c_pulses;
  int unsigned     c_bus_wdata, c_reg_rdata;
  bit [NumEngines-1:0] c_engine_done, c_hang_taken, c_error_taken;
  longint unsigned c_wdata, c_now;
  bit [255:0]      c_rdata;

  logic                  por_n, valid, write, flr, bus_master, enable, mask, emulated;
  logic                  sleeping, in_rom, quiesced, engine_reset, corrupt_taken, ecc_taken;
  logic                  ap_ready, ap_wready, ap_rvalid, ap_bvalid;
  logic [2:0]            bar, ap_reason;
  logic [27:0]           addr;
  logic [3:0]            size;
  logic [63:0]           wdata, now;
  logic [31:0]           reg_rdata;
  logic [NumEngines-1:0] engine_done, hang_taken, error_taken;
  logic [15:0]           link_read, link_write, dram_read, dram_write;
  logic [5:0]            pulses;
  logic [255:0]          ap_rdata;
  sl200_pkg::reg_req_t   bus_req;

  logic                  ready, done, error, flr_done, idle, halt, irq_external, irq_timer;
  logic                  rst_core_n, rst_dma_n, rst_chip_n, rst_func_n, quiesce;
  logic                  msix_valid, doorbell, timer_armed, corrupt, ecc_corrected;
  logic                  ecc_uncorrected, ap_req_valid, ap_wvalid;
  logic [5:0]            msix_vector;
  logic [63:0]           rdata, timer_cmp;
  logic [31:0]           bus_rdata;
  logic [NumEngines-1:0] hang, inject_error;
  logic [255:0]          ap_wdata;
  sl200_pkg::reg_req_t   reg_req;
  sl200_pkg::mem_req_t   ap_req;

  logic unused;
  assign unused = ^{ap_req.tag, reg_req.wdata};

  sl200_host u_dut (
    .clk_i                    (clk_i),
    .por_ni                   (por_n),
    .time_i                   (now),
    .dram_size_i              (DramSize),
    .serial_i                 (Serial),
    .otp_key_i                (OtpKey),
    .otp_min_version_i        (OtpMinVersion),
    .temp_i                   (Temp),
    .power_i                  (Power),
    .bus_master_i             (bus_master),
    .msix_enable_i            (enable),
    .msix_function_mask_i     (mask),
    .msix_emulated_i          (emulated),
    .flr_i                    (flr),
    .flr_done_o               (flr_done),
    .host_valid_i             (valid),
    .host_write_i             (write),
    .host_bar_i               (bar),
    .host_addr_i              (addr),
    .host_size_i              (size),
    .host_wdata_i             (wdata),
    .host_ready_o             (ready),
    .host_done_o              (done),
    .host_error_o             (error),
    .host_rdata_o             (rdata),
    .rst_core_no              (rst_core_n),
    .rst_dma_no               (rst_dma_n),
    .rst_chip_no              (rst_chip_n),
    .rst_func_no              (rst_func_n),
    .quiesce_o                (quiesce),
    .quiesced_i               (quiesced),
    .bus_req_i                (bus_req),
    .bus_rdata_o              (bus_rdata),
    .halt_o                   (halt),
    .irq_external_o           (irq_external),
    .irq_timer_o              (irq_timer),
    .mcu_sleeping_i           (sleeping),
    .mcu_in_rom_i             (in_rom),
    .reg_req_o                (reg_req),
    .reg_rdata_i              (reg_rdata),
    .engine_done_i            (engine_done),
    .engine_reset_i           (engine_reset),
    .link_read_i              (link_read),
    .link_write_i             (link_write),
    .dram_read_i              (dram_read),
    .dram_write_i             (dram_write),
    .mmu_fault_i              (pulses[0]),
    .tlb_lookup_i             (pulses[1]),
    .tlb_walk_i               (pulses[2]),
    .tlb_walking_i            (pulses[3]),
    .ecc_corrected_i          (pulses[4]),
    .ecc_uncorrected_i        (pulses[5]),
    .inject_hang_o            (hang),
    .inject_error_o           (inject_error),
    .inject_hang_taken_i      (hang_taken),
    .inject_error_taken_i     (error_taken),
    .inject_corrupt_o         (corrupt),
    .inject_corrupt_taken_i   (corrupt_taken),
    .inject_ecc_corrected_o   (ecc_corrected),
    .inject_ecc_uncorrected_o (ecc_uncorrected),
    .inject_ecc_taken_i       (ecc_taken),
    .msix_valid_o             (msix_valid),
    .msix_vector_o            (msix_vector),
    .ap_req_valid_o           (ap_req_valid),
    .ap_req_o                 (ap_req),
    .ap_req_ready_i           (ap_ready),
    .ap_wvalid_o              (ap_wvalid),
    .ap_wdata_o               (ap_wdata),
    .ap_wready_i              (ap_wready),
    .ap_rvalid_i              (ap_rvalid),
    .ap_rdata_i               (ap_rdata),
    .ap_rreason_i             (ap_reason),
    .ap_bvalid_i              (ap_bvalid),
    .ap_breason_i             (ap_reason),
    .probe_doorbell_o         (doorbell),
    .idle_o                   (idle),
    .timer_armed_o            (timer_armed),
    .timer_cmp_o              (timer_cmp)
  );

  always @(posedge clk_i) begin
    host_bench_host(ready, done, error, rdata, flr_done, idle);
    host_bench_mcu(bus_rdata, halt, irq_external, irq_timer, timer_armed, timer_cmp);
    host_bench_resets(rst_core_n, rst_dma_n, rst_chip_n, rst_func_n, quiesce);
    host_bench_events(msix_valid, 32'(msix_vector), doorbell, reg_req.valid, reg_req.write,
                      32'(reg_req.addr));
    host_bench_inject(32'(hang), 32'(inject_error), corrupt, ecc_corrected, ecc_uncorrected);
    host_bench_aperture(ap_req_valid, ap_req.write, 32'(ap_req.space), 32'(ap_req.asid),
                        ap_req.addr, 32'(ap_req.len), ap_wvalid, ap_wdata);
    if (host_bench_run() != 0) $finish;
    host_bench_set_host(c_por_n, c_valid, c_write, c_bar, c_addr, c_size, c_wdata, c_flr,
                        c_bus_master, c_enable, c_mask, c_emulated, c_now);
    host_bench_set_mcu(c_bus_valid, c_bus_write, c_bus_addr, c_bus_wdata, c_sleeping, c_in_rom,
                       c_quiesced, c_reg_rdata);
    host_bench_set_events(c_engine_done, c_engine_reset, c_link_read, c_link_write, c_dram_read,
                          c_dram_write, c_pulses, c_hang_taken, c_error_taken, c_corrupt_taken,
                          c_ecc_taken);
    host_bench_set_aperture(c_ready, c_wready, c_rvalid, c_rdata, c_bvalid, c_reason);
    por_n <= c_por_n;
    valid <= c_valid;
    write <= c_write;
    bar <= c_bar;
    addr <= c_addr;
    size <= c_size;
    wdata <= c_wdata;
    flr <= c_flr;
    bus_master <= c_bus_master;
    enable <= c_enable;
    mask <= c_mask;
    emulated <= c_emulated;
    now <= c_now;
    bus_req.valid <= c_bus_valid;
    bus_req.write <= c_bus_write;
    bus_req.addr <= c_bus_addr;
    bus_req.wdata <= c_bus_wdata;
    sleeping <= c_sleeping;
    in_rom <= c_in_rom;
    quiesced <= c_quiesced;
    reg_rdata <= c_reg_rdata;
    engine_done <= c_engine_done;
    engine_reset <= c_engine_reset;
    link_read <= c_link_read;
    link_write <= c_link_write;
    dram_read <= c_dram_read;
    dram_write <= c_dram_write;
    pulses <= c_pulses;
    hang_taken <= c_hang_taken;
    error_taken <= c_error_taken;
    corrupt_taken <= c_corrupt_taken;
    ecc_taken <= c_ecc_taken;
    ap_ready <= c_ready;
    ap_wready <= c_wready;
    ap_rvalid <= c_rvalid;
    ap_rdata <= c_rdata;
    ap_bvalid <= c_bvalid;
    ap_reason <= c_reason;
  end

endmodule
