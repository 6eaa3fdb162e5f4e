// SPDX-License-Identifier: MIT
// The dma engine: COPY and FILL, see docs/hardware.md, chapter 9. Reads run ahead of writes by as
// much as the tags allow; source and destination may have any alignment.
//
// A fault stops the job where the functional model's stops: with the first fault in row order, after
// everything before it is written. Read tags are 0 to 31, write tags 32 to 63.

module sl200_dma (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // The slot: see sl200_engine_slot.
  input  logic                  job_start_i,
  input  logic [15:0]           job_asid_i,
  input  logic [17:0]           job_addr_i,
  input  logic                  job_abort_i,
  output logic                  job_idle_o,
  output logic                  job_end_valid_o,
  output sl200_pkg::job_end_t   job_end_o,
  output logic [15:0]           job_read_o,
  output logic [15:0]           job_written_o,
  output logic                  job_stall_in_o,
  output logic                  job_stall_out_o,
  output logic                  job_tcm_req_o,
  output logic [14:0]           job_tcm_addr_o,
  input  logic                  job_tcm_gnt_i,
  input  logic [63:0]           tcm_rdata_i,
  // The fabric.
  output logic                  req_valid_o,
  output sl200_pkg::mem_req_t   req_o,
  input  logic                  req_ready_i,
  output logic                  wvalid_o,
  output logic [255:0]          wdata_o,
  input  logic                  wready_i,
  input  logic                  rvalid_i,
  input  logic [5:0]            rtag_i,
  input  logic [255:0]          rdata_i,
  input  logic                  rlast_i,
  input  logic [2:0]            rreason_i,
  input  logic                  bvalid_i,
  input  logic [5:0]            btag_i,
  input  logic [2:0]            breason_i
);

  localparam int unsigned TagBits = sl200_pkg::TagWidth - 1;
  localparam logic [17:0] JobLast =
      18'(sl200_abi_pkg::McuTcmSize - 32'(sl200_abi_pkg::SqeSize));

  typedef enum logic [1:0] {StIdle, StFetch, StRun, StRefuse} state_e;
  state_e state_q;

  logic        fetch_start, fetched, opcode_copy, opcode_fill, empty, start;
  logic        ended, faulted, stop, dropped;
  logic [7:0]  opcode;
  logic [63:0] src, dst, value;
  logic [31:0] width, height, src_pitch, dst_pitch;
  logic [15:0] asid_q;
  logic [31:0] bytes_q;

  // ---------------------------------------------------------------- the job
  sl200_dma_fetch u_fetch (
    .clk_i,
    .rst_ni,
    .start_i(fetch_start),
    .addr_i(job_addr_i),
    .done_o(fetched),
    .opcode_o(opcode),
    .src_o(src),
    .dst_o(dst),
    .value_o(value),
    .width_o(width),
    .height_o(height),
    .src_pitch_o(src_pitch),
    .dst_pitch_o(dst_pitch),
    .tcm_req_o(job_tcm_req_o),
    .tcm_addr_o(job_tcm_addr_o),
    .tcm_gnt_i(job_tcm_gnt_i),
    .tcm_rdata_i
  );

  assign fetch_start = job_start_i && job_addr_i <= JobLast;
  assign opcode_copy = opcode == 8'(sl200_abi_pkg::OpCopy);
  assign opcode_fill = opcode == 8'(sl200_abi_pkg::OpFill);
  assign empty = width == '0 || height == '0;
  assign start = state_q == StFetch && fetched && !job_abort_i && (opcode_copy || opcode_fill) &&
                 !empty;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (job_start_i) begin
            state_q <= fetch_start ? StFetch : StRefuse;
            asid_q <= job_asid_i;
            bytes_q <= '0;
          end
        end
        StFetch: begin
          if (fetched) begin
            if (job_abort_i) state_q <= StIdle;
            else if (opcode_copy || opcode_fill) state_q <= empty ? StIdle : StRun;
            else state_q <= StRefuse;
          end
        end
        StRun: begin
          if (row_done) bytes_q <= bytes_q + width;
          if (ended || dropped) state_q <= StIdle;
        end
        StRefuse: state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  assign job_idle_o = state_q == StIdle;

  // ---------------------------------------------------------------- data
  logic               rd_valid, rd_grant, rd_fault, rd_failed, rd_idle;
  logic [63:0]        rd_addr, rd_fault_addr;
  logic [8:0]         rd_len;
  logic [TagBits-1:0] rd_tag;
  logic [2:0]         rd_fault_reason;
  logic [30:0]        rd_fault_left;

  logic               src_valid, src_ready, src_first, src_last;
  logic [255:0]       src_data;
  logic [4:0]         src_offset;
  logic [5:0]         src_count;

  logic               dst_valid, dst_ready, dst_block_last, dst_row_last, dst_done, dst_flush;
  logic [255:0]       dst_data;
  logic [63:0]        dst_addr;
  logic [5:0]         dst_count;

  logic               wr_valid, wr_grant, wr_accepted, wr_fault, wr_failed, wr_idle, wr_drained;
  logic [63:0]        wr_addr, wr_fault_addr;
  logic [8:0]         wr_len;
  logic [TagBits-1:0] wr_tag;
  logic [2:0]         wr_fault_reason;
  logic               row_done;

  // A dropped job leaves the halves with work to do: they stay stopped until the next.
  assign stop = job_abort_i || state_q != StRun;

  sl200_dma_read #(.TagBits(TagBits)) u_read (
    .clk_i,
    .rst_ni,
    .start_i(start && opcode_copy),
    .addr_i(src),
    .width_i(width[30:0]),
    .height_i(height[16:0]),
    .pitch_i(src_pitch),
    // A write that failed stops reads too. A read that failed does not stop writes: what lies before
    // it is still to be written.
    .stop_i(stop || wr_failed),
    .req_valid_o(rd_valid),
    .req_addr_o(rd_addr),
    .req_len_o(rd_len),
    .req_tag_o(rd_tag),
    .req_ready_i(rd_grant),
    .rvalid_i,
    .rtag_i(rtag_i[TagBits-1:0]),
    .rdata_i,
    .rlast_i,
    .rreason_i,
    .line_valid_o(src_valid),
    .line_ready_i(src_ready),
    .line_data_o(src_data),
    .line_first_o(src_first),
    .line_last_o(src_last),
    .line_offset_o(src_offset),
    .line_count_o(src_count),
    .fault_o(rd_fault),
    .fault_reason_o(rd_fault_reason),
    .fault_addr_o(rd_fault_addr),
    .fault_left_o(rd_fault_left),
    .failed_o(rd_failed),
    .idle_o(rd_idle)
  );

  sl200_aligner u_aligner (
    .clk_i,
    .rst_ni,
    .start_i(start),
    .fill_i(opcode_fill),
    .value_i(value),
    .addr_i(dst),
    .width_i(width[30:0]),
    .height_i(height[16:0]),
    .pitch_i(dst_pitch),
    .line_valid_i(src_valid),
    .line_ready_o(src_ready),
    .line_data_i(src_data),
    .line_first_i(src_first),
    .line_last_i(src_last),
    .line_offset_i(src_offset),
    .fault_i(rd_fault),
    .fault_left_i(rd_fault_left),
    .out_valid_o(dst_valid),
    .out_ready_i(dst_ready),
    .out_data_o(dst_data),
    .out_addr_o(dst_addr),
    .out_count_o(dst_count),
    .out_block_last_o(dst_block_last),
    .out_row_last_o(dst_row_last),
    .done_o(dst_done),
    .flush_o(dst_flush),
    .waiting_o(src_wait)
  );

  sl200_dma_write #(.TagBits(TagBits)) u_write (
    .clk_i,
    .rst_ni,
    .start_i(start),
    .stop_i(stop),
    .line_valid_i(dst_valid),
    .line_ready_o(dst_ready),
    .line_data_i(dst_data),
    .line_addr_i(dst_addr),
    .line_count_i(dst_count),
    .line_block_last_i(dst_block_last),
    .line_row_last_i(dst_row_last),
    .flush_i(dst_flush),
    .req_valid_o(wr_valid),
    .req_addr_o(wr_addr),
    .req_len_o(wr_len),
    .req_tag_o(wr_tag),
    .req_ready_i(wr_grant),
    .req_accepted_i(wr_accepted),
    .wvalid_o,
    .wdata_o,
    .wready_i,
    .bvalid_i,
    .btag_i(btag_i[TagBits-1:0]),
    .breason_i,
    .row_done_o(row_done),
    .fault_o(wr_fault),
    .fault_reason_o(wr_fault_reason),
    .fault_addr_o(wr_fault_addr),
    .failed_o(wr_failed),
    .idle_o(wr_idle),
    .drained_o(wr_drained)
  );

  // ---------------------------------------------------------------- requests
  // Writes go first: they make room for what reads bring.
  logic can_grant;

  assign can_grant = !req_valid_o || req_ready_i;
  assign wr_grant = can_grant && wr_valid;
  assign rd_grant = can_grant && rd_valid && !wr_valid;
  assign wr_accepted = req_valid_o && req_ready_i && req_o.write;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_o <= 1'b0;
    end else if (wr_grant || rd_grant) begin
      req_valid_o <= 1'b1;
      req_o.write <= wr_valid;
      req_o.space <= sl200_pkg::SpaceIova;
      req_o.asid <= asid_q;
      req_o.addr <= wr_valid ? wr_addr : rd_addr;
      req_o.len <= wr_valid ? wr_len : rd_len;
      req_o.tag <= wr_valid ? {1'b1, wr_tag} : {1'b0, rd_tag};
    end else if (req_ready_i) begin
      req_valid_o <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- the end
  logic       src_wait, quiet, whole, cut;
  logic       refused, nothing, in_write;
  logic [2:0] reason;

  assign quiet = rd_idle && wr_idle;
  assign whole = dst_done && wr_drained && !wr_failed && !dst_flush;
  assign cut = dst_flush && wr_drained && !wr_failed;
  assign in_write = wr_fault;
  assign faulted = wr_fault || cut;
  assign ended = state_q == StRun && quiet && !job_abort_i && (whole || faulted);
  assign dropped = quiet && job_abort_i;
  assign reason = in_write ? wr_fault_reason : rd_fault_reason;

  assign refused = state_q == StRefuse;
  assign nothing = state_q == StFetch && fetched && (opcode_copy || opcode_fill) && empty;
  assign job_end_valid_o = ended || ((refused || nothing) && !job_abort_i);

  always_comb begin
    job_end_o = '0;
    if (job_end_valid_o) begin
      job_end_o.bytes = bytes_q;
      if (refused) begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusEngineError);
      end else if (nothing || whole) begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusOk);
      end else if (reason == sl200_pkg::MemEcc) begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusEngineError);
      end else begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusMmuFault);
        job_end_o.fault_write = in_write;
        job_end_o.fault_reason = reason;
        job_end_o.fault_iova = in_write ? wr_fault_addr : rd_fault_addr;
      end
    end
  end

  assign job_read_o = (src_valid && src_ready) ? {10'b0, src_count} : '0;
  assign job_written_o = wr_grant ? {7'b0, wr_len} : '0;
  assign job_stall_in_o = state_q == StRun && src_wait;
  assign job_stall_out_o = state_q == StRun && dst_valid && !dst_ready;

  logic unused;
  assign unused = ^{width[31], height[31:17], rtag_i[TagBits], btag_i[TagBits], rd_failed};

endmodule
