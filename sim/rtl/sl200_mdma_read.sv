// SPDX-License-Identifier: MIT
// The MDMA's way from memory to the TCM, up to eight bytes a cycle: a step ends where a word of
// either side ends, so that only two different alignments cost more.

module sl200_mdma_read #(
  parameter int unsigned TagBits = 3
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  input  logic [63:0]        addr_i,
  input  logic [17:0]        tcm_i,
  input  logic [16:0]        len_i,
  output logic               done_o,       // pulse; nothing is in flight any more
  output logic               error_o,      // with it
  output logic               tcm_req_o,
  output logic [14:0]        tcm_addr_o,
  output logic [63:0]        tcm_wdata_o,
  output logic [7:0]         tcm_be_o,
  input  logic               tcm_gnt_i,
  output logic               req_valid_o,
  output logic [63:0]        req_addr_o,
  output logic [8:0]         req_len_o,
  output logic [TagBits-1:0] req_tag_o,
  input  logic               req_ready_i,
  input  logic               rvalid_i,
  input  logic [TagBits-1:0] rtag_i,
  input  logic [255:0]       rdata_i,
  input  logic               rlast_i,
  input  logic [2:0]         rreason_i
);

  logic         active_q, line_valid, line_ready, line_first, line_last, fault, failed, idle;
  logic [255:0] line_data;
  logic [4:0]   line_offset, at;
  logic [5:0]   line_count, left, pos_q;
  logic [2:0]   fault_reason;
  logic [63:0]  fault_addr;
  logic [30:0]  fault_left;
  logic [17:0]  tcm_q;
  logic [3:0]   step, by_source, by_tcm;
  logic         step_last;
  logic [7:0]   lanes;

  function automatic logic [63:0] rotate(logic [63:0] data, logic [2:0] bytes);
    rotate = 64'({data, data} >> (7'd64 - {1'b0, bytes, 3'b0}));
  endfunction

  sl200_dma_read #(.TagBits(TagBits)) u_read (
    .clk_i,
    .rst_ni,
    .start_i,
    .addr_i,
    .width_i({14'b0, len_i}),
    .height_i(17'd1),
    .pitch_i(32'd0),
    .stop_i(1'b0),
    .req_valid_o,
    .req_addr_o,
    .req_len_o,
    .req_tag_o,
    .req_ready_i,
    .rvalid_i,
    .rtag_i,
    .rdata_i,
    .rlast_i,
    .rreason_i,
    .line_valid_o(line_valid),
    .line_ready_i(line_ready),
    .line_data_o(line_data),
    .line_first_o(line_first),
    .line_last_o(line_last),
    .line_offset_o(line_offset),
    .line_count_o(line_count),
    .fault_o(fault),
    .fault_reason_o(fault_reason),
    .fault_addr_o(fault_addr),
    .fault_left_o(fault_left),
    .failed_o(failed),
    .idle_o(idle)
  );

  // The step that is next: its place in the line, and its bytes.
  assign at = line_offset + pos_q[4:0];
  assign left = line_count - pos_q;
  assign by_source = 4'd8 - {1'b0, at[2:0]};
  assign by_tcm = 4'd8 - {1'b0, tcm_q[2:0]};

  always_comb begin
    step = (by_source < by_tcm) ? by_source : by_tcm;
    if ({2'b0, step} > left) step = left[3:0];
  end

  assign step_last = {2'b0, step} == left;
  assign lanes = 8'hff >> (4'd8 - step);

  assign tcm_req_o = active_q && line_valid;
  assign tcm_addr_o = tcm_q[17:3];
  assign tcm_be_o = lanes << tcm_q[2:0];
  assign tcm_wdata_o = tcm_req_o ? rotate(line_data[at[4:3]*64 +: 64], tcm_q[2:0] - at[2:0]) : '0;
  assign line_ready = tcm_gnt_i && step_last;

  assign error_o = active_q && fault && !line_valid && idle;
  assign done_o = (line_ready && line_last) || error_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else if (start_i) begin
      active_q <= 1'b1;
      tcm_q <= tcm_i;
      pos_q <= '0;
    end else begin
      if (done_o) active_q <= 1'b0;
      if (tcm_gnt_i) begin
        tcm_q <= tcm_q + {14'b0, step};
        pos_q <= step_last ? 6'd0 : pos_q + {2'b0, step};
      end
    end
  end

  logic unused;
  assign unused = ^{line_first, fault_reason, fault_addr, fault_left, failed};

endmodule
