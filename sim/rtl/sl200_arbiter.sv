// SPDX-License-Identifier: MIT
// Round robin among N requests: the one granted last comes last next time. The grant is one-hot and
// follows the requests in the same cycle; advance_i says that it was used.

module sl200_arbiter #(
  parameter int unsigned N = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [N-1:0] req_i,
  input  logic         advance_i,
  output logic [N-1:0] gnt_o
);

  logic [N-1:0] after_q;  // those behind the one granted last
  logic [N-1:0] first;

  // The lowest bit set, of those whose turn it is if there is one.
  assign first = |(req_i & after_q) ? req_i & after_q : req_i;
  assign gnt_o = first & (~first + N'(1));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      after_q <= '0;
    end else if (advance_i && |gnt_o) begin
      after_q <= ~(gnt_o | (gnt_o - N'(1)));
    end
  end

endmodule
