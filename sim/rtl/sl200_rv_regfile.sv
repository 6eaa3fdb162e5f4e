// SPDX-License-Identifier: MIT
// The integer registers: two reads, one write. x0 is never written and read as zero.

module sl200_rv_regfile (
  input  logic        clk_i,
  input  logic [4:0]  rs1_i,
  input  logic [4:0]  rs2_i,
  output logic [31:0] rs1_data_o,
  output logic [31:0] rs2_data_o,
  input  logic        write_i,
  input  logic [4:0]  rd_i,          // not 0
  input  logic [31:0] rd_data_i
);

  logic [31:0] regs [32];

  assign rs1_data_o = rs1_i == 5'd0 ? 32'h0 : regs[rs1_i];
  assign rs2_data_o = rs2_i == 5'd0 ? 32'h0 : regs[rs2_i];

  always_ff @(posedge clk_i) begin
    if (write_i) regs[rd_i] <= rd_data_i;
  end

endmodule
