// SPDX-License-Identifier: MIT
// Makes events of N sources, several of which may come in one cycle, into one pulse each.

module sl200_fabric_events #(
  parameter int unsigned N = 2
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [N-1:0] event_i,
  output logic         pulse_o
);

  localparam int unsigned CountWidth = 10;  // more than answers can be in flight

  logic [CountWidth-1:0] pending_q, sum;

  assign pulse_o = |pending_q;

  always_comb begin
    sum = pending_q - CountWidth'(pulse_o);
    for (int unsigned i = 0; i < N; i++) sum = sum + CountWidth'(event_i[i]);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) pending_q <= '0;
    else if (pulse_o || |event_i) pending_q <= sum;
  end

endmodule
