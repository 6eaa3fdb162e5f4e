// SPDX-License-Identifier: MIT
// The reading half of an engine: rows of memory, in order, as 32-byte lines. Requests of up to a
// block are in flight under 2**TagBits tags; answers land in a memory indexed by tag, in whatever
// order they come, and leave it in the order of the rows.
//
// A failed request is reported when everything before it has been handed out, so the fault that is
// seen is the first in row order, however the answers came.

module sl200_dma_read #(
  parameter int unsigned TagBits = 5
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Start: only when idle_o. width_i and height_i are not 0.
  input  logic               start_i,
  input  logic [63:0]        addr_i,
  input  logic [30:0]        width_i,
  input  logic [16:0]        height_i,
  input  logic [31:0]        pitch_i,
  input  logic               stop_i,        // ask for nothing more
  // Requests.
  output logic               req_valid_o,
  output logic [63:0]        req_addr_o,
  output logic [8:0]         req_len_o,
  output logic [TagBits-1:0] req_tag_o,
  input  logic               req_ready_i,
  // Answers.
  input  logic               rvalid_i,
  input  logic [TagBits-1:0] rtag_i,
  input  logic [255:0]       rdata_i,
  input  logic               rlast_i,
  input  logic [2:0]         rreason_i,
  // Lines, each in the lanes it has in memory.
  output logic               line_valid_o,
  input  logic               line_ready_i,
  output logic [255:0]       line_data_o,
  output logic               line_first_o,  // of its row
  output logic               line_last_o,   // of its row
  output logic [4:0]         line_offset_o, // of the first byte
  output logic [5:0]         line_count_o,  // bytes
  // A request failed and all lines before it have been handed out or are on line_*.
  output logic               fault_o,
  output logic [2:0]         fault_reason_o,
  output logic [63:0]        fault_addr_o,
  output logic [30:0]        fault_left_o,  // bytes of its row that were not handed out
  output logic               failed_o,      // some request failed
  output logic               idle_o         // nothing is in flight
);

  localparam int unsigned Tags = 1 << TagBits;

  // ---------------------------------------------------------------- requests
  logic [63:0]      addr_q, row_q;
  logic [30:0]      width_q, left_q;
  logic [16:0]      rows_q;
  logic [31:0]      pitch_q;
  logic [TagBits:0] head_q, tail_q, flight_q;
  logic [8:0]       room;
  logic             row_end, issue;

  assign room = 9'd256 - {1'b0, addr_q[7:0]};
  assign row_end = left_q <= {22'b0, room};
  assign req_len_o = row_end ? left_q[8:0] : room;
  assign req_addr_o = addr_q;
  assign req_tag_o = head_q[TagBits-1:0];
  assign req_valid_o = rows_q != '0 && !stop_i && !failed_o &&
                       (head_q - tail_q) != {1'b1, {TagBits{1'b0}}};
  assign issue = req_valid_o && req_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rows_q <= '0;
      head_q <= '0;
    end else if (start_i) begin
      addr_q <= addr_i;
      row_q <= addr_i;
      left_q <= width_i;
      width_q <= width_i;
      rows_q <= height_i;
      pitch_q <= pitch_i;
      head_q <= '0;
    end else if (issue) begin
      head_q <= head_q + 1'b1;
      if (row_end) begin
        addr_q <= row_q + {32'b0, pitch_q};
        row_q <= row_q + {32'b0, pitch_q};
        left_q <= width_q;
        rows_q <= rows_q - 17'd1;
      end else begin
        addr_q <= {addr_q[63:8] + 56'd1, 8'b0};
        left_q <= left_q - {22'b0, room};
      end
    end
  end

  // ---------------------------------------------------------------- answers
  logic [3*Tags-1:0] beat_q, reason_q;
  logic [Tags-1:0]   done_q;
  logic              answered;

  assign answered = rvalid_i && rlast_i;
  assign idle_o = flight_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      flight_q <= '0;
      failed_o <= 1'b0;
    end else begin
      if (start_i) failed_o <= 1'b0;
      if (issue != answered) flight_q <= issue ? flight_q + 1'b1 : flight_q - 1'b1;
      if (issue) begin
        done_q[req_tag_o] <= 1'b0;
        beat_q[req_tag_o*3 +: 3] <= 3'd0;
      end
      if (rvalid_i) begin
        beat_q[rtag_i*3 +: 3] <= beat_q[rtag_i*3 +: 3] + 3'd1;
        if (rlast_i) begin
          done_q[rtag_i] <= 1'b1;
          reason_q[rtag_i*3 +: 3] <= rreason_i;
          if (rreason_i != 3'd0) failed_o <= 1'b1;
        end
      end
    end
  end

  // ---------------------------------------------------------------- lines
  logic [30:0]        out_left_q;
  logic [7:0]         out_low_q, out_row_low_q;  // address inside its block: of the line, of the row
  logic [2:0]         out_beat_q;
  logic               out_first_q;
  logic [TagBits-1:0] tail;
  logic [5:0]         line_room;
  logic               landed, sound, take, line_last, block_last;

  assign tail = tail_q[TagBits-1:0];
  assign landed = tail_q != head_q && done_q[tail];
  assign sound = reason_q[tail*3 +: 3] == 3'd0;
  assign take = landed && sound && (!line_valid_o || line_ready_i);
  assign line_room = 6'd32 - {1'b0, out_low_q[4:0]};
  assign line_last = out_left_q <= {25'b0, line_room};
  assign block_last = line_last || out_low_q[7:5] == 3'd7;
  assign fault_reason_o = reason_q[tail*3 +: 3];
  assign fault_left_o = out_left_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tail_q <= '0;
      line_valid_o <= 1'b0;
      fault_o <= 1'b0;
    end else if (start_i) begin
      tail_q <= '0;
      line_valid_o <= 1'b0;
      fault_o <= 1'b0;
      out_left_q <= width_i;
      out_low_q <= addr_i[7:0];
      out_row_low_q <= addr_i[7:0];
      out_beat_q <= 3'd0;
      out_first_q <= 1'b1;
    end else begin
      fault_o <= landed && !sound;
      if (take) begin
        line_valid_o <= 1'b1;
        line_first_o <= out_first_q;
        line_last_o <= line_last;
        line_offset_o <= out_low_q[4:0];
        line_count_o <= line_last ? out_left_q[5:0] : line_room;
        out_first_q <= line_last;
        out_beat_q <= block_last ? 3'd0 : out_beat_q + 3'd1;
        if (block_last) tail_q <= tail_q + 1'b1;
        if (line_last) begin
          out_left_q <= width_q;
          out_row_low_q <= out_row_low_q + pitch_q[7:0];
          out_low_q <= out_row_low_q + pitch_q[7:0];
        end else begin
          out_left_q <= out_left_q - {25'b0, line_room};
          out_low_q <= {out_low_q[7:5] + 3'd1, 5'b0};
        end
      end else if (line_ready_i) begin
        line_valid_o <= 1'b0;
      end
    end
  end

  sl200_ram #(
    .Width(256),
    .Depth(8 * Tags)
  ) u_landing (
    .clk_i,
    .re_i(take),
    .raddr_i({tail, out_beat_q}),
    .rdata_o(line_data_o),
    .we_i(rvalid_i),
    .be_i(1'b1),
    .waddr_i({rtag_i, beat_q[rtag_i*3 +: 3]}),
    .wdata_i(rdata_i)
  );

  // Where each tag's request began: looked at only when it failed.
  sl200_ram #(
    .Width(64),
    .Depth(Tags)
  ) u_addr (
    .clk_i,
    .re_i(landed && !sound),
    .raddr_i(tail),
    .rdata_o(fault_addr_o),
    .we_i(issue),
    .be_i(1'b1),
    .waddr_i(req_tag_o),
    .wdata_i(addr_q)
  );

endmodule
