// SPDX-License-Identifier: MIT
// Where the beats of one client's writes go, in the order of its requests: to a memory port, or, for a
// write that was refused, nowhere. The answer to a refused write comes when its beats are gone.

module sl200_fabric_wdata (
  input  logic       clk_i,
  input  logic       rst_ni,
  // The next write: to a port, or refused.
  input  logic       push_i,       // not while full_o
  input  logic       push_sink_i,
  input  logic [1:0] push_port_i,
  input  logic [4:0] push_lane_i,  // of the first byte
  input  logic [8:0] push_len_i,
  input  logic [sl200_pkg::TagWidth-1:0] push_tag_i,
  input  logic [2:0] push_reason_i,
  output logic       full_o,
  // Beats
  input  logic       wvalid_i,
  output logic       wready_o,
  output logic [2:0] port_want_o,  // the next beat is for this port
  output logic       last_o,       // it is the last of its write
  input  logic [2:0] port_gnt_i,
  // Answer of a refused write: pulse
  output logic       refused_o,
  output logic [sl200_pkg::TagWidth-1:0] refused_tag_o,
  output logic [2:0] refused_reason_o
);

  localparam int unsigned Width = 1 + 2 + 3 + 3 + sl200_pkg::TagWidth;

  logic [8:0] push_end;
  logic [2:0] push_more, more, done_q;  // beats after the first one
  logic       sink, empty, moved;
  logic [1:0] port;

  assign push_end = 9'(push_lane_i) + push_len_i - 9'd1;
  assign push_more = push_end[7:5];

  sl200_fabric_fifo #(
    .Width(Width),
    .Depth(16)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .push_i,
    .data_i({push_sink_i, push_port_i, push_more, push_reason_i, push_tag_i}),
    .pop_i(moved && last_o),
    .head_o({sink, port, more, refused_reason_o, refused_tag_o}),
    .full_o,
    .empty_o(empty)
  );

  assign last_o = done_q == more;
  assign moved = wvalid_i && wready_o;
  assign refused_o = moved && last_o && sink;

  always_comb begin
    port_want_o = 3'd0;
    wready_o = 1'b0;
    if (!empty) begin
      if (sink) begin
        wready_o = 1'b1;
      end else begin
        port_want_o = 3'd1 << port;
        wready_o = |port_gnt_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) done_q <= '0;
    else if (moved) done_q <= last_o ? '0 : done_q + 3'd1;
  end

  logic unused_end;
  assign unused_end = ^{push_end[8], push_end[4:0]};

endmodule
