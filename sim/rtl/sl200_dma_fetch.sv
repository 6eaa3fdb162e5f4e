// SPDX-License-Identifier: MIT
// Reads an engine's job, a struct sl200_sqe, out of the TCM.

module sl200_dma_fetch (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [17:0] addr_i,       // byte offset, a multiple of 8, a whole entry inside the TCM
  output logic        done_o,       // pulse: the fields are there, and stay
  output logic [7:0]  opcode_o,
  output logic [63:0] src_o,
  output logic [63:0] dst_o,
  output logic [63:0] value_o,
  output logic [31:0] width_o,
  output logic [31:0] height_o,
  output logic [31:0] src_pitch_o,
  output logic [31:0] dst_pitch_o,
  output logic        tcm_req_o,
  output logic [14:0] tcm_addr_o,
  input  logic        tcm_gnt_i,
  input  logic [63:0] tcm_rdata_i
);

  // Eight-byte words of the entry.
  localparam logic [2:0] WordOpcode = 3'(sl200_abi_pkg::SqeOpcodeOffset / 8);
  localparam logic [2:0] WordSrc = 3'(sl200_abi_pkg::SqeSrcOffset / 8);
  localparam logic [2:0] WordDst = 3'(sl200_abi_pkg::SqeDstOffset / 8);
  localparam logic [2:0] WordValue = 3'(sl200_abi_pkg::SqeValueOffset / 8);
  localparam logic [2:0] WordSize = 3'(sl200_abi_pkg::SqeWidthOffset / 8);
  localparam logic [2:0] WordPitch = 3'(sl200_abi_pkg::SqeSrcPitchOffset / 8);

  logic [2:0]  word_q, got_word_q;
  logic [14:0] base_q;
  logic        got_q;

  assign tcm_addr_o = base_q + {12'b0, word_q};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tcm_req_o <= 1'b0;
      got_q <= 1'b0;
      done_o <= 1'b0;
    end else begin
      got_q <= tcm_req_o && tcm_gnt_i;
      done_o <= got_q && got_word_q == WordPitch;
      if (start_i) begin
        tcm_req_o <= 1'b1;
        word_q <= WordOpcode;
        base_q <= addr_i[17:3];
      end else if (tcm_req_o && tcm_gnt_i) begin
        tcm_req_o <= word_q != WordPitch;
        word_q <= word_q + 3'd1;
        got_word_q <= word_q;
      end
      if (got_q) begin
        unique case (got_word_q)
          WordOpcode: opcode_o <= tcm_rdata_i[7:0];
          WordSrc: src_o <= tcm_rdata_i;
          WordDst: dst_o <= tcm_rdata_i;
          WordValue: value_o <= tcm_rdata_i;
          WordSize: begin
            width_o <= tcm_rdata_i[31:0];
            height_o <= tcm_rdata_i[63:32];
          end
          WordPitch: begin
            src_pitch_o <= tcm_rdata_i[31:0];
            dst_pitch_o <= tcm_rdata_i[63:32];
          end
          default: ;
        endcase
      end
    end
  end

  logic unused_addr;
  assign unused_addr = ^addr_i[2:0];

endmodule
