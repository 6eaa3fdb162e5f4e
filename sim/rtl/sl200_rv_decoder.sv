// SPDX-License-Identifier: MIT
// What a 32-bit instruction of RV32IM_Zicsr_Zifencei asks for. Any encoding that is not of them is
// illegal, and then nothing else said here counts.

module sl200_rv_decoder (
  input  logic [31:0] instr_i,
  output logic        illegal_o,

  output logic        use_rs1_o, use_rs2_o,
  output logic        rd_write_o,
  output logic [31:0] imm_o,

  output logic [3:0]  alu_op_o,     // { sub or arithmetic shift, funct3 }
  output logic        alu_pc_o,     // first operand is the program counter
  output logic        alu_zero_o,   // first operand is zero
  output logic        alu_imm_o,    // second operand is the immediate

  output logic        load_o, store_o,
  output logic        mul_o, div_o,
  output logic        branch_o, jal_o, jalr_o,
  output logic        csr_o,
  output logic        fence_i_o, ecall_o, ebreak_o, mret_o, wfi_o
);

  localparam logic [6:0] OpLoad = 7'h03;
  localparam logic [6:0] OpFence = 7'h0f;
  localparam logic [6:0] OpImm = 7'h13;
  localparam logic [6:0] OpAuipc = 7'h17;
  localparam logic [6:0] OpStore = 7'h23;
  localparam logic [6:0] OpReg = 7'h33;
  localparam logic [6:0] OpLui = 7'h37;
  localparam logic [6:0] OpBranch = 7'h63;
  localparam logic [6:0] OpJalr = 7'h67;
  localparam logic [6:0] OpJal = 7'h6f;
  localparam logic [6:0] OpSystem = 7'h73;

  logic [2:0] funct3;
  logic [6:0] funct7;
  assign funct3 = instr_i[14:12];
  assign funct7 = instr_i[31:25];

  logic [31:0] imm_i, imm_s, imm_b, imm_u, imm_j;
  assign imm_i = {{20{instr_i[31]}}, instr_i[31:20]};
  assign imm_s = {{20{instr_i[31]}}, instr_i[31:25], instr_i[11:7]};
  assign imm_b = {{20{instr_i[31]}}, instr_i[7], instr_i[30:25], instr_i[11:8], 1'b0};
  assign imm_u = {instr_i[31:12], 12'h0};
  assign imm_j = {{12{instr_i[31]}}, instr_i[19:12], instr_i[20], instr_i[30:21], 1'b0};

  always_comb begin
    illegal_o = 1'b0;
    use_rs1_o = 1'b0;
    use_rs2_o = 1'b0;
    rd_write_o = 1'b0;
    imm_o = imm_i;
    alu_op_o = 4'h0;
    alu_pc_o = 1'b0;
    alu_zero_o = 1'b0;
    alu_imm_o = 1'b1;
    load_o = 1'b0;
    store_o = 1'b0;
    mul_o = 1'b0;
    div_o = 1'b0;
    branch_o = 1'b0;
    jal_o = 1'b0;
    jalr_o = 1'b0;
    csr_o = 1'b0;
    fence_i_o = 1'b0;
    ecall_o = 1'b0;
    ebreak_o = 1'b0;
    mret_o = 1'b0;
    wfi_o = 1'b0;

    unique case (instr_i[6:0])
      OpLoad: begin
        load_o = 1'b1;
        use_rs1_o = 1'b1;
        rd_write_o = 1'b1;
        illegal_o = funct3 == 3'b011 || funct3[2:1] == 2'b11;
      end
      OpStore: begin
        store_o = 1'b1;
        use_rs1_o = 1'b1;
        use_rs2_o = 1'b1;
        imm_o = imm_s;
        illegal_o = funct3[2] || funct3 == 3'b011;
      end
      OpImm: begin
        use_rs1_o = 1'b1;
        rd_write_o = 1'b1;
        alu_op_o = {funct3 == 3'b101 && funct7[5], funct3};
        if (funct3 == 3'b001) illegal_o = funct7 != 7'h00;
        else if (funct3 == 3'b101) illegal_o = {funct7[6], funct7[4:0]} != 6'h00;
      end
      OpReg: begin
        use_rs1_o = 1'b1;
        use_rs2_o = 1'b1;
        rd_write_o = 1'b1;
        alu_imm_o = 1'b0;
        if (funct7 == 7'h01) begin
          mul_o = !funct3[2];
          div_o = funct3[2];
        end else begin
          alu_op_o = {funct7[5], funct3};
          illegal_o = funct7 != 7'h00 &&
                      !(funct7 == 7'h20 && (funct3 == 3'b000 || funct3 == 3'b101));
        end
      end
      OpLui: begin
        rd_write_o = 1'b1;
        alu_zero_o = 1'b1;
        imm_o = imm_u;
      end
      OpAuipc: begin
        rd_write_o = 1'b1;
        alu_pc_o = 1'b1;
        imm_o = imm_u;
      end
      OpJal: begin
        jal_o = 1'b1;
        rd_write_o = 1'b1;
        imm_o = imm_j;
      end
      OpJalr: begin
        jalr_o = 1'b1;
        use_rs1_o = 1'b1;
        rd_write_o = 1'b1;
        illegal_o = funct3 != 3'b000;
      end
      OpBranch: begin
        branch_o = 1'b1;
        use_rs1_o = 1'b1;
        use_rs2_o = 1'b1;
        imm_o = imm_b;
        illegal_o = funct3[2:1] == 2'b01;
      end
      OpFence: begin
        fence_i_o = funct3 == 3'b001;
        illegal_o = funct3[2:1] != 2'b00;
      end
      OpSystem: begin
        if (funct3 == 3'b000) begin
          unique case (instr_i[31:7])
            {12'h000, 13'h0}: ecall_o = 1'b1;
            {12'h001, 13'h0}: ebreak_o = 1'b1;
            {12'h302, 13'h0}: mret_o = 1'b1;
            {12'h105, 13'h0}: wfi_o = 1'b1;
            default: illegal_o = 1'b1;
          endcase
        end else begin
          csr_o = 1'b1;
          use_rs1_o = !funct3[2];
          rd_write_o = 1'b1;
          illegal_o = funct3 == 3'b100;
        end
      end
      default: illegal_o = 1'b1;
    endcase
  end

endmodule
