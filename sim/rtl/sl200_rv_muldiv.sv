// SPDX-License-Identifier: MIT
// RV32M: products in the cycle of the question, quotients and remainders a bit a cycle.

module sl200_rv_muldiv (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [1:0]  op_i,          // low bits of funct3
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,

  input  logic        mul_i,
  output logic [31:0] product_o,

  input  logic        div_i,         // held, with its operands, until done
  output logic        div_done_o,
  output logic [31:0] div_result_o
);

  // ---------------------------------------------------------------- product
  // mul, mulh: both signed; mulhsu: a signed; mulhu: neither. Exact in 64 bits for the bits used.
  logic [63:0] a_wide, b_wide, product;

  always_comb begin
    a_wide = 64'h0;
    b_wide = 64'h0;
    product = 64'h0;
    if (mul_i) begin
      a_wide = {{32{a_i[31] && op_i != 2'b11}}, a_i};
      b_wide = {{32{b_i[31] && !op_i[1]}}, b_i};
      product = a_wide * b_wide;
    end
  end

  assign product_o = op_i == 2'b00 ? product[31:0] : product[63:32];

  // ---------------------------------------------------------------- quotient
  logic        busy_q;
  logic [5:0]  left_q;            // bits still to come
  logic [31:0] quotient_q;        // dividend moves out at the top, quotient in at the bottom
  logic [31:0] remainder_q;
  logic [31:0] divisor_q;

  logic        is_signed, negate;
  logic [32:0] partial, difference;

  assign is_signed = !op_i[0];
  assign partial = {remainder_q, quotient_q[31]};
  assign difference = partial - {1'b0, divisor_q};

  assign div_done_o = busy_q && left_q == 6'd0;
  // A quotient by zero is all ones, whatever the dividend's sign.
  assign negate = is_signed && (op_i[1] ? a_i[31] : a_i[31] != b_i[31] && b_i != 32'h0);

  always_comb begin
    div_result_o = 32'h0;
    if (div_done_o) begin
      div_result_o = op_i[1] ? remainder_q : quotient_q;
      if (negate) div_result_o = -div_result_o;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
    end else if (!div_i || div_done_o) begin
      busy_q <= 1'b0;
    end else begin
      busy_q <= 1'b1;
      if (!busy_q) begin
        left_q <= 6'd32;
        remainder_q <= 32'h0;
        quotient_q <= is_signed && a_i[31] ? -a_i : a_i;
        divisor_q <= is_signed && b_i[31] ? -b_i : b_i;
      end else begin
        left_q <= left_q - 6'd1;
        remainder_q <= difference[32] ? partial[31:0] : difference[31:0];
        quotient_q <= {quotient_q[30:0], !difference[32]};
      end
    end
  end

endmodule
