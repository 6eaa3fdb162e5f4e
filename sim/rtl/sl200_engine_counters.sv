// SPDX-License-Identifier: MIT
// What an engine slot counts and the host reads at TELEM_ENGINE: 64 bits each, of which reading the
// low half latches the high one.

module sl200_engine_counters #(
  parameter logic [15:0] Base = 16'd0,  // of the engine's entry in BAR0
  parameter logic [31:0] Kind = 32'd0
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [63:0]         time_i,
  input  sl200_pkg::reg_req_t reg_req_i,
  output logic [31:0]         reg_rdata_o,
  input  logic                finished_i,  // pulse: a job from start_ns_i to end_ns_i, of cycles_i
  input  logic                dropped_i,   // pulse: the job from start_ns_i on has ended by a reset
  input  logic [63:0]         start_ns_i,
  input  logic [63:0]         end_ns_i,
  input  logic [63:0]         cycles_i,
  input  logic                stall_in_i,  // levels
  input  logic                stall_out_i
);

  localparam int unsigned Counters = 5;
  localparam logic [15:0] Stride = 16'(sl200_regs_pkg::TelemEngineStride);
  // Offsets in the entry. A counter's number is its offset's place behind JOBS.
  localparam logic [15:0] OffKind =
      16'(sl200_regs_pkg::TelemEngineKindAddr - sl200_regs_pkg::TelemEngineBase);
  localparam logic [15:0] OffJobs =
      16'(sl200_regs_pkg::TelemEngineJobsLoAddr - sl200_regs_pkg::TelemEngineBase);
  localparam int unsigned Jobs = 0;
  localparam int unsigned BusyNs = (sl200_regs_pkg::TelemEngineBusyNsLoAddr -
                                    sl200_regs_pkg::TelemEngineJobsLoAddr) / 8;
  localparam int unsigned Cycles = (sl200_regs_pkg::TelemEngineCyclesLoAddr -
                                    sl200_regs_pkg::TelemEngineJobsLoAddr) / 8;
  localparam int unsigned StallIn = (sl200_regs_pkg::TelemEngineStallInLoAddr -
                                     sl200_regs_pkg::TelemEngineJobsLoAddr) / 8;
  localparam int unsigned StallOut = (sl200_regs_pkg::TelemEngineStallOutLoAddr -
                                      sl200_regs_pkg::TelemEngineJobsLoAddr) / 8;

  logic [64*Counters-1:0] count_q;
  logic [32*Counters-1:0] high_q;
  logic [63:0]            last_ns_q;
  logic [15:0]            offset, place;
  logic [2:0]             number;
  logic                   read, counter;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
    end else begin
      if (finished_i) begin
        count_q[Jobs*64 +: 64] <= count_q[Jobs*64 +: 64] + 64'd1;
        count_q[BusyNs*64 +: 64] <= count_q[BusyNs*64 +: 64] + (end_ns_i - start_ns_i);
        count_q[Cycles*64 +: 64] <= count_q[Cycles*64 +: 64] + cycles_i;
      end
      if (dropped_i) begin
        count_q[BusyNs*64 +: 64] <= count_q[BusyNs*64 +: 64] + (time_i - start_ns_i);
      end
      if (stall_in_i) begin
        count_q[StallIn*64 +: 64] <= count_q[StallIn*64 +: 64] + (time_i - last_ns_q);
      end
      if (stall_out_i) begin
        count_q[StallOut*64 +: 64] <= count_q[StallOut*64 +: 64] + (time_i - last_ns_q);
      end
    end
  end

  always_ff @(posedge clk_i) last_ns_q <= time_i;

  // ---------------------------------------------------------------- the host's reads
  assign offset = reg_req_i.addr - Base;
  assign place = offset - OffJobs;
  assign number = place[5:3];
  assign read = reg_req_i.valid && !reg_req_i.write && offset < Stride;
  assign counter = place < 16'(Counters * 8);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      reg_rdata_o <= '0;
      high_q <= '0;
    end else if (read && counter) begin
      if (place[2]) begin
        reg_rdata_o <= high_q[number*32 +: 32];
      end else begin
        reg_rdata_o <= count_q[number*64 +: 32];
        high_q[number*32 +: 32] <= count_q[number*64 + 32 +: 32];
      end
    end else begin
      reg_rdata_o <= (read && offset == OffKind) ? Kind : '0;
    end
  end

  logic unused;
  assign unused = ^reg_req_i.wdata;

endmodule
