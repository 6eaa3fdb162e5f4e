// SPDX-License-Identifier: MIT
// The MDMA's way from the TCM to memory. A block is gathered, then written, and its answer awaited
// before the next: so everything arrives in ascending order, and a completion's phase last.

module sl200_mdma_write (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [63:0]  addr_i,
  input  logic [17:0]  tcm_i,
  input  logic [16:0]  len_i,
  input  logic         corrupt_i,       // with start_i: spoil all but the completion's phase word
  output logic         done_o,          // pulse; nothing is in flight any more
  output logic         error_o,         // with it
  output logic         tcm_req_o,
  output logic [14:0]  tcm_addr_o,
  input  logic         tcm_gnt_i,
  input  logic [63:0]  tcm_rdata_i,
  output logic         req_valid_o,
  output logic [63:0]  req_addr_o,
  output logic [8:0]   req_len_o,
  input  logic         req_ready_i,
  input  logic         req_accepted_i,
  output logic         wvalid_o,
  output logic [255:0] wdata_o,
  input  logic         wready_i,
  input  logic         bvalid_i,
  input  logic [2:0]   breason_i
);

  localparam logic [16:0] Spoilt = 17'(sl200_abi_pkg::CqePhaseOffset);

  typedef enum logic [2:0] {StIdle, StGather, StRequest, StAccept, StData} state_e;
  state_e state_q;

  logic [63:0] addr_q;                       // of the block
  logic [16:0] left_q;                       // of the transfer, this block included
  logic [8:0]  room, len;
  logic        corrupt_q;

  logic [17:0] tcm_q;
  logic [16:0] pos_q;                        // bytes of the transfer gathered
  logic [8:0]  got_q;                        // bytes of the block gathered
  logic [7:0]  low;
  logic [8:0]  block_left;
  logic [3:0]  step, by_tcm, by_memory;
  logic        step_last;

  logic        word_q;                       // a word comes from the TCM: its place
  logic [7:0]  word_low_q, lanes, spoil;
  logic [2:0]  word_rot_q;
  logic [3:0]  word_step_q;
  logic [16:0] word_pos_q;
  logic [63:0] word;

  logic [2:0]  line_q, line_last;
  logic        out_valid_q, read, sent_all_q, answered, answered_q, refused_q;

  function automatic logic [63:0] rotate(logic [63:0] data, logic [2:0] bytes);
    rotate = 64'({data, data} >> (7'd64 - {1'b0, bytes, 3'b0}));
  endfunction

  // ---------------------------------------------------------------- blocks
  assign room = 9'd256 - {1'b0, addr_q[7:0]};
  assign len = (left_q <= {8'b0, room}) ? left_q[8:0] : room;
  assign req_addr_o = addr_q;
  assign req_len_o = len;
  assign req_valid_o = state_q == StRequest;
  // A refused write may be answered before all of its data is taken.
  assign answered = state_q == StData && (bvalid_i || answered_q) && sent_all_q &&
                    (!out_valid_q || wready_i);
  assign error_o = answered && (bvalid_i ? breason_i != 3'd0 : refused_q);
  assign done_o = answered && (error_o || left_q == {8'b0, len});

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      tcm_req_o <= 1'b0;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (start_i) begin
            state_q <= StGather;
            tcm_req_o <= 1'b1;
            addr_q <= addr_i;
            left_q <= len_i;
            corrupt_q <= corrupt_i;
            tcm_q <= tcm_i;
            pos_q <= '0;
            got_q <= '0;
          end
        end
        StGather: begin
          if (tcm_gnt_i) begin
            tcm_q <= tcm_q + {14'b0, step};
            pos_q <= pos_q + {13'b0, step};
            got_q <= got_q + {5'b0, step};
            if (step_last) begin
              state_q <= StRequest;
              tcm_req_o <= 1'b0;
            end
          end
        end
        StRequest: if (req_ready_i) state_q <= StAccept;
        StAccept: if (req_accepted_i) state_q <= StData;
        StData: begin
          if (answered) begin
            state_q <= done_o ? StIdle : StGather;
            tcm_req_o <= !done_o;
            addr_q <= {addr_q[63:8] + 56'd1, 8'b0};
            left_q <= left_q - {8'b0, len};
            got_q <= '0;
          end
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  // ---------------------------------------------------------------- gathering
  assign low = addr_q[7:0] + got_q[7:0];
  assign block_left = len - got_q;
  assign by_tcm = 4'd8 - {1'b0, tcm_q[2:0]};
  assign by_memory = 4'd8 - {1'b0, low[2:0]};
  assign tcm_addr_o = tcm_q[17:3];

  always_comb begin
    step = (by_tcm < by_memory) ? by_tcm : by_memory;
    if ({5'b0, step} > block_left) step = block_left[3:0];
  end

  assign step_last = {5'b0, step} == block_left;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_q <= 1'b0;
    end else begin
      word_q <= tcm_req_o && tcm_gnt_i;
      if (tcm_req_o && tcm_gnt_i) begin
        word_low_q <= low;
        word_rot_q <= low[2:0] - tcm_q[2:0];
        word_step_q <= step;
        word_pos_q <= pos_q;
      end
    end
  end

  assign lanes = (8'hff >> (4'd8 - word_step_q)) << word_low_q[2:0];

  always_comb begin
    spoil = '0;
    if (corrupt_q) begin
      for (int unsigned i = 0; i < 8; i++) begin
        spoil[i] = word_pos_q + 17'(i) - {14'b0, word_low_q[2:0]} < Spoilt;
      end
    end
    word = '0;
    if (word_q) begin
      word = rotate(tcm_rdata_i, word_rot_q);
      for (int unsigned i = 0; i < 8; i++) begin
        if (spoil[i]) word[i*8 +: 8] = ~word[i*8 +: 8];
      end
    end
  end

  // ---------------------------------------------------------------- data
  assign line_last = 3'((9'(addr_q[7:0]) + len - 9'd1) >> 5);
  assign wvalid_o = out_valid_q && state_q == StData;
  assign read = state_q == StData && !sent_all_q && (!out_valid_q || wready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || state_q != StData) begin
      out_valid_q <= 1'b0;
      sent_all_q <= 1'b0;
      answered_q <= 1'b0;
      line_q <= addr_q[7:5];
    end else begin
      if (read) begin
        out_valid_q <= 1'b1;
        line_q <= line_q + 3'd1;
        sent_all_q <= line_q == line_last;
      end else if (wready_i) begin
        out_valid_q <= 1'b0;
      end
      if (bvalid_i) begin
        answered_q <= 1'b1;
        refused_q <= breason_i != 3'd0;
      end
    end
  end

  sl200_ram #(
    .Width(256),
    .Depth(8),
    .ByteEnable(1'b1)
  ) u_block (
    .clk_i,
    .re_i(read),
    .raddr_i(line_q),
    .rdata_o(wdata_o),
    .we_i(word_q),
    .be_i({24'b0, lanes} << {word_low_q[4:3], 3'b0}),
    .waddr_i(word_low_q[7:5]),
    .wdata_i({4{word}})
  );

endmodule
