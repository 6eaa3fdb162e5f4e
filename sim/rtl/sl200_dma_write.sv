// SPDX-License-Identifier: MIT
// The writing half of an engine: lines into blocks, blocks into requests, answers into rows done.
// A block is asked for when all of its lines are here, so that a request never makes others wait for
// data, and what was not asked for can be dropped at any time.
//
// Answers are looked at in the order of the requests, so the fault that is seen is the first in row
// order, however the answers came.

module sl200_dma_write #(
  parameter int unsigned TagBits = 5
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,          // only when idle_o
  input  logic               stop_i,           // ask for nothing more
  // Lines of the destination: see sl200_aligner.
  input  logic               line_valid_i,
  output logic               line_ready_o,
  input  logic [255:0]       line_data_i,
  input  logic [63:0]        line_addr_i,
  input  logic [5:0]         line_count_i,
  input  logic               line_block_last_i,
  input  logic               line_row_last_i,
  input  logic               flush_i,          // no more lines: a block that is open is at its end
  // Requests. req_accepted_i: the fabric took the request that was granted last.
  output logic               req_valid_o,
  output logic [63:0]        req_addr_o,
  output logic [8:0]         req_len_o,
  output logic [TagBits-1:0] req_tag_o,
  input  logic               req_ready_i,
  input  logic               req_accepted_i,
  output logic               wvalid_o,
  output logic [255:0]       wdata_o,
  input  logic               wready_i,
  // Answers.
  input  logic               bvalid_i,
  input  logic [TagBits-1:0] btag_i,
  input  logic [2:0]         breason_i,
  output logic               row_done_o,       // pulse: a whole row is in memory
  // A request failed, and all before it did not.
  output logic               fault_o,
  output logic [2:0]         fault_reason_o,
  output logic [63:0]        fault_addr_o,
  output logic               failed_o,         // some request failed
  output logic               idle_o,           // nothing is in flight
  output logic               drained_o         // and no line waits
);

  localparam int unsigned Tags = 1 << TagBits;
  localparam int unsigned LineBits = 5;
  localparam int unsigned Lines = 1 << LineBits;

  // ---------------------------------------------------------------- lines and blocks
  logic [LineBits:0] in_q, out_q;              // lines put into the memory, and taken out
  logic              push, pop, close, flush;
  logic              open_q, pend_q, pend_row_q;
  logic [63:0]       open_addr_q, pend_addr_q;
  logic [8:0]        open_len_q, pend_len_q, open_len;
  logic [3:0]        open_lines_q, pend_lines_q, open_lines;
  logic              issue;

  assign line_ready_o = (in_q - out_q) != (LineBits + 1)'(Lines) &&
                        !(line_block_last_i && pend_q);
  assign push = line_valid_i && line_ready_o;
  assign close = push && line_block_last_i;
  assign flush = flush_i && open_q && !pend_q;
  assign open_len = (open_q ? open_len_q : 9'd0) + {3'b0, line_count_i};
  assign open_lines = (open_q ? open_lines_q : 4'd0) + 4'd1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      in_q <= '0;
      open_q <= 1'b0;
      pend_q <= 1'b0;
    end else begin
      if (issue) pend_q <= 1'b0;
      if (push) begin
        in_q <= in_q + 1'b1;
        open_q <= !line_block_last_i;
        open_len_q <= open_len;
        open_lines_q <= open_lines;
        if (!open_q) open_addr_q <= line_addr_i;
      end
      if (close) begin
        pend_q <= 1'b1;
        pend_addr_q <= open_q ? open_addr_q : line_addr_i;
        pend_len_q <= open_len;
        pend_lines_q <= open_lines;
        pend_row_q <= line_row_last_i;
      end
      if (flush) begin
        open_q <= 1'b0;
        pend_q <= 1'b1;
        pend_addr_q <= open_addr_q;
        pend_len_q <= open_len_q;
        pend_lines_q <= open_lines_q;
        pend_row_q <= 1'b0;
      end
    end
  end

  // ---------------------------------------------------------------- requests
  logic [TagBits:0] head_q, tail_q, flight_q;
  logic [3:0]       granted_lines_q;

  assign req_valid_o = pend_q && !stop_i && !failed_o &&
                       (head_q - tail_q) != {1'b1, {TagBits{1'b0}}};
  assign req_addr_o = pend_addr_q;
  assign req_len_o = pend_len_q;
  assign req_tag_o = head_q[TagBits-1:0];
  assign issue = req_valid_o && req_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      head_q <= '0;
    end else if (issue) begin
      head_q <= head_q + 1'b1;
      granted_lines_q <= pend_lines_q;
    end
  end

  // ---------------------------------------------------------------- data
  logic [LineBits:0] owed_q;                   // lines that accepted requests wait for
  logic              out_valid_q, sent;

  assign wvalid_o = out_valid_q && owed_q != '0;
  assign sent = wvalid_o && wready_i;
  assign pop = in_q != out_q && (!out_valid_q || sent);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      out_q <= '0;
      out_valid_q <= 1'b0;
      owed_q <= '0;
    end else begin
      if (pop) out_q <= out_q + 1'b1;
      out_valid_q <= pop || (out_valid_q && !sent);
      if (req_accepted_i || sent) begin
        owed_q <= owed_q + (req_accepted_i ? (LineBits + 1)'(granted_lines_q) : '0) -
                  (LineBits + 1)'(sent);
      end
    end
  end

  sl200_ram #(
    .Width(256),
    .Depth(Lines)
  ) u_lines (
    .clk_i,
    .re_i(pop),
    .raddr_i(out_q[LineBits-1:0]),
    .rdata_o(wdata_o),
    .we_i(push),
    .be_i(1'b1),
    .waddr_i(in_q[LineBits-1:0]),
    .wdata_i(line_data_i)
  );

  // ---------------------------------------------------------------- answers
  logic [Tags-1:0]    done_q, row_q;
  logic [3*Tags-1:0]  reason_q;
  logic [TagBits-1:0] tail;
  logic               answered, sound;

  assign tail = tail_q[TagBits-1:0];
  assign answered = tail_q != head_q && done_q[tail];
  assign sound = reason_q[tail*3 +: 3] == 3'd0;
  assign fault_reason_o = reason_q[tail*3 +: 3];
  assign row_done_o = answered && sound && row_q[tail];
  // A refused write may be answered before all of its data is taken.
  assign idle_o = flight_q == '0 && owed_q == '0;
  assign drained_o = !pend_q && !open_q && tail_q == head_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      flight_q <= '0;
      tail_q <= '0;
      fault_o <= 1'b0;
      failed_o <= 1'b0;
    end else begin
      if (issue != bvalid_i) flight_q <= issue ? flight_q + 1'b1 : flight_q - 1'b1;
      if (issue) begin
        done_q[req_tag_o] <= 1'b0;
        row_q[req_tag_o] <= pend_row_q;
      end
      if (bvalid_i) begin
        done_q[btag_i] <= 1'b1;
        reason_q[btag_i*3 +: 3] <= breason_i;
      end
      if (start_i) begin
        tail_q <= '0;
        fault_o <= 1'b0;
        failed_o <= 1'b0;
      end else begin
        if (answered && sound) tail_q <= tail_q + 1'b1;
        fault_o <= answered && !sound;
        if (bvalid_i && breason_i != 3'd0) failed_o <= 1'b1;
      end
    end
  end

  // Where each tag's request began: looked at only when it failed.
  sl200_ram #(
    .Width(64),
    .Depth(Tags)
  ) u_addr (
    .clk_i,
    .re_i(answered && !sound),
    .raddr_i(tail),
    .rdata_o(fault_addr_o),
    .we_i(issue),
    .be_i(1'b1),
    .waddr_i(req_tag_o),
    .wdata_i(pend_addr_q)
  );

endmodule
