// SPDX-License-Identifier: MIT
// Turns source lines, in the lanes they have in memory, into the lines of the destination: one a
// cycle, whatever the two alignments. With fill_i there is no source: rows of value_i.
//
// A line of the destination takes bytes of two lines of the source, rotated by the difference of the
// alignments: the lanes from that difference on are the newer line's, those below it the older's.

module sl200_aligner (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,           // width_i and height_i are not 0
  input  logic         fill_i,
  input  logic [63:0]  value_i,
  input  logic [63:0]  addr_i,
  input  logic [30:0]  width_i,
  input  logic [16:0]  height_i,
  input  logic [31:0]  pitch_i,
  // Source lines. The source ends early with fault_i: fault_left_i bytes of its row are missing.
  input  logic         line_valid_i,
  output logic         line_ready_o,
  input  logic [255:0] line_data_i,
  input  logic         line_first_i,
  input  logic         line_last_i,
  input  logic [4:0]   line_offset_i,
  input  logic         fault_i,
  input  logic [30:0]  fault_left_i,
  // Destination lines.
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [255:0] out_data_o,
  output logic [63:0]  out_addr_o,        // of the first byte
  output logic [5:0]   out_count_o,
  output logic         out_block_last_o,  // ends its block or its row
  output logic         out_row_last_o,    // ends a row that is whole
  output logic         done_o,            // all is handed out
  output logic         flush_o,           // and a fault cut it short
  output logic         waiting_o          // for a source line
);

  logic [63:0]  addr_q, row_q, value_q;
  logic [30:0]  width_q, left_q, cut_left;
  logic [16:0]  rows_q;
  logic [31:0]  pitch_q;
  logic         fill_q, used_up_q, cut_q;
  logic [255:0] held_q;
  logic [4:0]   rot_q, rot;
  logic [5:0]   room;
  logic         early, active, can_emit, emit, take, cut, row_last;

  function automatic logic [255:0] rotate(logic [255:0] data, logic [4:0] bytes);
    rotate = 256'({data, data} >> (9'd256 - {1'b0, bytes, 3'b0}));
  endfunction

  function automatic logic [63:0] rotate_word(logic [63:0] data, logic [2:0] bytes);
    rotate_word = 64'({data, data} >> (7'd64 - {1'b0, bytes, 3'b0}));
  endfunction

  function automatic logic [255:0] merge(logic [255:0] newer, logic [255:0] older,
                                         logic [4:0] from);
    logic [255:0] mask;
    mask = {256{1'b1}} << {from, 3'b0};
    merge = (newer & mask) | (older & ~mask);
  endfunction

  assign active = rows_q != '0;
  assign room = 6'd32 - {1'b0, addr_q[4:0]};
  assign row_last = left_q <= {25'b0, room};
  assign can_emit = !out_valid_o || out_ready_i;
  assign rot = line_first_i ? addr_q[4:0] - line_offset_i : rot_q;
  // The row's first line fills no line of the destination: it is only held.
  assign early = line_first_i && line_offset_i > addr_q[4:0];
  assign cut_left = left_q - fault_left_i;

  always_comb begin
    take = 1'b0;
    emit = 1'b0;
    cut = 1'b0;
    if (active) begin
      if (fill_q || used_up_q) begin
        emit = can_emit;
      end else if (line_valid_i) begin
        take = early || can_emit;
        emit = !early && can_emit;
      end else begin
        cut = fault_i;
      end
    end
  end

  assign line_ready_o = take;
  assign done_o = !active && !out_valid_o;
  assign flush_o = done_o && cut_q;
  assign waiting_o = active && !fill_q && !used_up_q && !line_valid_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rows_q <= '0;
      cut_q <= 1'b0;
      out_valid_o <= 1'b0;
    end else if (start_i) begin
      addr_q <= addr_i;
      row_q <= addr_i;
      left_q <= width_i;
      width_q <= width_i;
      rows_q <= height_i;
      pitch_q <= pitch_i;
      value_q <= value_i;
      fill_q <= fill_i;
      used_up_q <= 1'b0;
      cut_q <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      if (take) begin
        rot_q <= rot;
        used_up_q <= line_last_i;
      end
      if (cut) begin
        used_up_q <= 1'b1;
        cut_q <= 1'b1;
        left_q <= cut_left;
        rows_q <= (cut_left == '0) ? 17'd0 : 17'd1;
      end
      if (emit) begin
        if (row_last) begin
          addr_q <= row_q + {32'b0, pitch_q};
          row_q <= row_q + {32'b0, pitch_q};
          left_q <= width_q;
          rows_q <= rows_q - 17'd1;
          used_up_q <= 1'b0;
        end else begin
          addr_q <= {addr_q[63:5] + 59'd1, 5'b0};
          left_q <= left_q - {25'b0, room};
        end
        out_addr_o <= addr_q;
        out_count_o <= row_last ? left_q[5:0] : room;
        out_block_last_o <= row_last || addr_q[7:5] == 3'd7;
        out_row_last_o <= row_last && !cut_q;
      end
      out_valid_o <= emit || (out_valid_o && !out_ready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take && rot != 5'd0) held_q <= rotate(line_data_i, rot);
    if (emit) begin
      if (fill_q) out_data_o <= {4{rotate_word(value_q, row_q[2:0])}};
      else if (used_up_q) out_data_o <= held_q;
      else if (rot == 5'd0) out_data_o <= line_data_i;
      else out_data_o <= merge(rotate(line_data_i, rot), held_q, rot);
    end
  end

endmodule
