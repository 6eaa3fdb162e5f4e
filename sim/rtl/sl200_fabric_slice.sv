// SPDX-License-Identifier: MIT
// Two places for one channel of a memory port, so that no signal goes through the chip from one of its
// pins to another in a cycle: each side sees registers only. A transfer a cycle, a cycle later.

module sl200_fabric_slice #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o
);

  logic             second_q;   // the second place is taken; so is the first
  logic [Width-1:0] second_data_q;

  assign ready_o = !second_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      second_q <= 1'b0;
    end else if (valid_i || valid_o) begin
      if (!valid_o || ready_i) begin
        valid_o <= valid_i || second_q;
        second_q <= 1'b0;
      end else if (valid_i) begin
        second_q <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (second_q) begin
      if (ready_i) data_o <= second_data_q;
    end else if (valid_i) begin
      if (!valid_o || ready_i) data_o <= data_i;
      else second_data_q <= data_i;
    end
  end

endmodule
