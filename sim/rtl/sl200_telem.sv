// SPDX-License-Identifier: MIT
// BAR0 block TELEM: counters since reset, and sensors.

module sl200_telem (
  input  logic        clk_i,
  input  logic        rst_ni,          // rst_chip_no
  input  sl200_pkg::reg_req_t reg_req_i,
  output logic [31:0] reg_rdata_o,
  input  logic [31:0] temp_i,
  input  logic [31:0] power_i,
  // Bytes moved in this cycle.
  input  logic [15:0] link_read_i,
  input  logic [15:0] link_write_i,
  input  logic [15:0] dram_read_i,
  input  logic [15:0] dram_write_i,
  // Events: one each in a cycle.
  input  logic        irq_sent_i,
  input  logic        db_accepted_i,
  input  logic        db_dropped_i,
  input  logic        mmu_fault_i,
  input  logic        tlb_lookup_i,
  input  logic        tlb_walk_i,
  input  logic        tlb_walking_i,   // level: cycles of it are counted
  input  logic        ecc_corrected_i,
  input  logic        ecc_uncorrected_i
);

  logic [63:0] link_read_q, link_write_q, dram_read_q, dram_write_q;
  logic [63:0] irqs_q, accepted_q, dropped_q, faults_q;
  logic [63:0] lookups_q, walks_q, walk_cycles_q, clock_q;
  logic [15:0] corrected_q, uncorrected_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      link_read_q <= '0;
      link_write_q <= '0;
      dram_read_q <= '0;
      dram_write_q <= '0;
      irqs_q <= '0;
      accepted_q <= '0;
      dropped_q <= '0;
      faults_q <= '0;
      lookups_q <= '0;
      walks_q <= '0;
      walk_cycles_q <= '0;
      clock_q <= '0;
      corrected_q <= '0;
      uncorrected_q <= '0;
    end else begin
      clock_q <= clock_q + 1'b1;
      if (link_read_i != '0) link_read_q <= link_read_q + 64'(link_read_i);
      if (link_write_i != '0) link_write_q <= link_write_q + 64'(link_write_i);
      if (dram_read_i != '0) dram_read_q <= dram_read_q + 64'(dram_read_i);
      if (dram_write_i != '0) dram_write_q <= dram_write_q + 64'(dram_write_i);
      if (irq_sent_i) irqs_q <= irqs_q + 1'b1;
      if (db_accepted_i) accepted_q <= accepted_q + 1'b1;
      if (db_dropped_i) dropped_q <= dropped_q + 1'b1;
      if (mmu_fault_i) faults_q <= faults_q + 1'b1;
      if (tlb_lookup_i) lookups_q <= lookups_q + 1'b1;
      if (tlb_walk_i) walks_q <= walks_q + 1'b1;
      if (tlb_walking_i) walk_cycles_q <= walk_cycles_q + 1'b1;
      if (ecc_corrected_i) corrected_q <= corrected_q + 1'b1;
      if (ecc_uncorrected_i) uncorrected_q <= uncorrected_q + 1'b1;
    end
  end

  // ---------------------------------------------------------------- reading
  logic [31:0] addr;
  logic        read, is_lo, is_hi;
  logic [3:0]  pair;
  logic [63:0] counter;
  logic [31:0] other;
  logic [31:0] rdata_q, latched;
  logic        hi_q;
  logic [15:0] latch_valid_q;

  assign addr = {16'h0, reg_req_i.addr};
  assign read = reg_req_i.valid && !reg_req_i.write;
  assign pair = addr[6:3];

  always_comb begin
    is_lo = 1'b0;
    is_hi = 1'b0;
    counter = '0;
    other = '0;
    if (read) begin
      is_lo = 1'b1;
      unique case (addr)
        sl200_regs_pkg::TelemLinkReadLoAddr:         counter = link_read_q;
        sl200_regs_pkg::TelemLinkWriteLoAddr:        counter = link_write_q;
        sl200_regs_pkg::TelemDramReadLoAddr:         counter = dram_read_q;
        sl200_regs_pkg::TelemDramWriteLoAddr:        counter = dram_write_q;
        sl200_regs_pkg::TelemIrqsLoAddr:             counter = irqs_q;
        sl200_regs_pkg::TelemDoorbellsLoAddr:        counter = accepted_q;
        sl200_regs_pkg::TelemDoorbellsDroppedLoAddr: counter = dropped_q;
        sl200_regs_pkg::TelemMmuFaultsLoAddr:        counter = faults_q;
        sl200_regs_pkg::TelemTlbLookupsLoAddr:       counter = lookups_q;
        sl200_regs_pkg::TelemTlbWalksLoAddr:         counter = walks_q;
        sl200_regs_pkg::TelemTlbWalkCyclesLoAddr:    counter = walk_cycles_q;
        sl200_regs_pkg::TelemClockLoAddr:            counter = clock_q;
        default: is_lo = 1'b0;
      endcase
      unique case (addr)
        sl200_regs_pkg::TelemLinkReadHiAddr,
        sl200_regs_pkg::TelemLinkWriteHiAddr,
        sl200_regs_pkg::TelemDramReadHiAddr,
        sl200_regs_pkg::TelemDramWriteHiAddr,
        sl200_regs_pkg::TelemIrqsHiAddr,
        sl200_regs_pkg::TelemDoorbellsHiAddr,
        sl200_regs_pkg::TelemDoorbellsDroppedHiAddr,
        sl200_regs_pkg::TelemMmuFaultsHiAddr,
        sl200_regs_pkg::TelemTlbLookupsHiAddr,
        sl200_regs_pkg::TelemTlbWalksHiAddr,
        sl200_regs_pkg::TelemTlbWalkCyclesHiAddr,
        sl200_regs_pkg::TelemClockHiAddr:            is_hi = 1'b1;
        sl200_regs_pkg::TelemTempAddr:               other = temp_i;
        sl200_regs_pkg::TelemPowerAddr:              other = power_i;
        sl200_regs_pkg::TelemEccAddr: begin
          other[sl200_regs_pkg::TelemEccCorrectedLsb +: 16] = corrected_q;
          other[sl200_regs_pkg::TelemEccUncorrectedLsb +: 16] = uncorrected_q;
        end
        default: ;
      endcase
    end
  end

  // The high halves that reads of low halves left, one of each pair.
  sl200_ram #(
    .Width(32),
    .Depth(16)
  ) u_latches (
    .clk_i   (clk_i),
    .re_i    (is_hi),
    .raddr_i (pair),
    .rdata_o (latched),
    .we_i    (is_lo),
    .be_i    (1'b1),
    .waddr_i (pair),
    .wdata_i (counter[63:32])
  );

  always_ff @(posedge clk_i) begin
    rdata_q <= counter[31:0] | other;
    hi_q <= is_hi && latch_valid_q[pair];
    if (!rst_ni) latch_valid_q <= '0;
    else if (is_lo) latch_valid_q[pair] <= 1'b1;
  end

  assign reg_rdata_o = rdata_q | (hi_q ? latched : '0);

  logic unused_wdata;
  assign unused_wdata = ^reg_req_i.wdata;

endmodule
