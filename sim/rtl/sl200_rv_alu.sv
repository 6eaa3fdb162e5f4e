// SPDX-License-Identifier: MIT
// Integer operations of one cycle, and the comparison of a branch.

module sl200_rv_alu (
  input  logic [3:0]  op_i,          // { sub or arithmetic shift, funct3 }
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] result_o,

  input  logic [2:0]  compare_i,     // funct3 of a branch
  input  logic [31:0] left_i,
  input  logic [31:0] right_i,
  output logic        taken_o
);

  always_comb begin
    unique case (op_i[2:0])
      3'b000: result_o = op_i[3] ? a_i - b_i : a_i + b_i;
      3'b001: result_o = a_i << b_i[4:0];
      3'b010: result_o = {31'h0, $signed(a_i) < $signed(b_i)};
      3'b011: result_o = {31'h0, a_i < b_i};
      3'b100: result_o = a_i ^ b_i;
      3'b101: begin
        if (op_i[3]) result_o = $signed(a_i) >>> b_i[4:0];
        else result_o = a_i >> b_i[4:0];
      end
      3'b110: result_o = a_i | b_i;
      default: result_o = a_i & b_i;
    endcase
  end

  always_comb begin
    unique case (compare_i[2:1])
      2'b00: taken_o = (left_i == right_i) != compare_i[0];
      2'b10: taken_o = ($signed(left_i) < $signed(right_i)) != compare_i[0];
      default: taken_o = (left_i < right_i) != compare_i[0];
    endcase
  end

endmodule
