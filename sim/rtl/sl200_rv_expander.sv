// SPDX-License-Identifier: MIT
// A compressed instruction (RV32C) to the one it stands for.

module sl200_rv_expander (
  input  logic [15:0] instr_i,   // bits 1:0 are not 11
  output logic [31:0] instr_o,
  output logic        illegal_o
);

  localparam logic [6:0] OpLoad = 7'h03;
  localparam logic [6:0] OpImm = 7'h13;
  localparam logic [6:0] OpStore = 7'h23;
  localparam logic [6:0] OpReg = 7'h33;
  localparam logic [6:0] OpLui = 7'h37;
  localparam logic [6:0] OpBranch = 7'h63;
  localparam logic [6:0] OpJalr = 7'h67;
  localparam logic [6:0] OpJal = 7'h6f;
  localparam logic [31:0] Ebreak = 32'h0010_0073;

  // The full fields, and the three-bit ones that name x8 to x15.
  logic [4:0] rd, rs2, rd_short, rs2_short;
  assign rd = instr_i[11:7];
  assign rs2 = instr_i[6:2];
  assign rd_short = {2'b01, instr_i[9:7]};
  assign rs2_short = {2'b01, instr_i[4:2]};

  logic [11:0] imm6;
  assign imm6 = {{7{instr_i[12]}}, instr_i[6:2]};

  logic [11:0] jump;  // bits 11:1 of the offset below its sign
  assign jump = {instr_i[12], instr_i[8], instr_i[10:9], instr_i[6], instr_i[7], instr_i[2],
                 instr_i[11], instr_i[5:3], instr_i[12]};

  always_comb begin
    instr_o = 32'h0;
    illegal_o = 1'b0;
    unique case ({instr_i[1:0], instr_i[15:13]})
      5'b00_000: begin  // c.addi4spn
        instr_o = {2'b00, instr_i[10:7], instr_i[12:11], instr_i[5], instr_i[6], 2'b00, 5'd2,
                   3'b000, rs2_short, OpImm};
        illegal_o = instr_i[12:5] == 8'h0;
      end
      5'b00_010:  // c.lw
        instr_o = {5'b0, instr_i[5], instr_i[12:10], instr_i[6], 2'b00, rd_short, 3'b010, rs2_short,
                   OpLoad};
      5'b00_110:  // c.sw
        instr_o = {5'b0, instr_i[5], instr_i[12], rs2_short, rd_short, 3'b010, instr_i[11:10],
                   instr_i[6], 2'b00, OpStore};
      5'b01_000:  // c.addi, c.nop
        instr_o = {imm6, rd, 3'b000, rd, OpImm};
      5'b01_001, 5'b01_101:  // c.jal, c.j
        instr_o = {jump[11:1], {9{jump[0]}}, 4'b0000, ~instr_i[15], OpJal};
      5'b01_010:  // c.li
        instr_o = {imm6, 5'd0, 3'b000, rd, OpImm};
      5'b01_011: begin
        if (rd == 5'd2)  // c.addi16sp
          instr_o = {{3{instr_i[12]}}, instr_i[4:3], instr_i[5], instr_i[2], instr_i[6], 4'b0, 5'd2,
                     3'b000, 5'd2, OpImm};
        else  // c.lui
          instr_o = {{15{instr_i[12]}}, instr_i[6:2], rd, OpLui};
        illegal_o = {instr_i[12], instr_i[6:2]} == 6'h0;
      end
      5'b01_100: begin
        unique case (instr_i[11:10])
          2'b00, 2'b01: begin  // c.srli, c.srai
            instr_o = {1'b0, instr_i[10], 5'b0, instr_i[6:2], rd_short, 3'b101, rd_short, OpImm};
            illegal_o = instr_i[12];
          end
          2'b10:  // c.andi
            instr_o = {imm6, rd_short, 3'b111, rd_short, OpImm};
          default: begin
            unique case (instr_i[6:5])
              2'b00: instr_o = {7'h20, rs2_short, rd_short, 3'b000, rd_short, OpReg};    // c.sub
              2'b01: instr_o = {7'h00, rs2_short, rd_short, 3'b100, rd_short, OpReg};    // c.xor
              2'b10: instr_o = {7'h00, rs2_short, rd_short, 3'b110, rd_short, OpReg};    // c.or
              default: instr_o = {7'h00, rs2_short, rd_short, 3'b111, rd_short, OpReg};  // c.and
            endcase
            illegal_o = instr_i[12];
          end
        endcase
      end
      5'b01_110, 5'b01_111:  // c.beqz, c.bnez
        instr_o = {{4{instr_i[12]}}, instr_i[6:5], instr_i[2], 5'd0, rd_short, 2'b00, instr_i[13],
                   instr_i[11:10], instr_i[4:3], instr_i[12], OpBranch};
      5'b10_000: begin  // c.slli
        instr_o = {7'h00, instr_i[6:2], rd, 3'b001, rd, OpImm};
        illegal_o = instr_i[12];
      end
      5'b10_010: begin  // c.lwsp
        instr_o = {4'b0, instr_i[3:2], instr_i[12], instr_i[6:4], 2'b00, 5'd2, 3'b010, rd, OpLoad};
        illegal_o = rd == 5'd0;
      end
      5'b10_100: begin
        if (rs2 != 5'd0)  // c.mv, c.add
          instr_o = {7'h00, rs2, instr_i[12] ? rd : 5'd0, 3'b000, rd, OpReg};
        else if (rd != 5'd0)  // c.jr, c.jalr
          instr_o = {12'h0, rd, 3'b000, 4'b0000, instr_i[12], OpJalr};
        else  // c.ebreak, reserved
          instr_o = Ebreak;
        illegal_o = instr_i[12] == 1'b0 && rd == 5'd0 && rs2 == 5'd0;
      end
      5'b10_110:  // c.swsp
        instr_o = {4'b0, instr_i[8:7], instr_i[12], rs2, 5'd2, 3'b010, instr_i[11:9], 2'b00,
                   OpStore};
      default: illegal_o = 1'b1;
    endcase
  end

endmodule
