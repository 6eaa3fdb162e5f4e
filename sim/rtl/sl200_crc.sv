// SPDX-License-Identifier: MIT
// The crc engine: CRC-32C of width bytes at src (SL200_OP_CRC). A fault ends the job with the first
// address, in ascending order, that could not be read.

module sl200_crc (
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
  // The fabric. Nothing is ever written.
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

  typedef enum logic [1:0] {StIdle, StFetch, StRun, StEnd} state_e;
  state_e state_q;

  logic        fetch_start, fetched, opcode_crc, empty, start, refused_q, abort_done;
  logic [7:0]  opcode;
  logic [63:0] src, dst, value;
  logic [31:0] width, height, src_pitch, dst_pitch;
  logic [15:0] asid_q;

  logic               rd_valid, rd_grant, rd_fault, rd_failed, rd_idle;
  logic [63:0]        rd_addr, rd_fault_addr;
  logic [8:0]         rd_len;
  logic [TagBits-1:0] rd_tag;
  logic [2:0]         rd_fault_reason;
  logic [30:0]        rd_fault_left;
  logic               line_valid, line_take, line_first, line_last;
  logic [255:0]       line_data;
  logic [4:0]         line_offset;
  logic [5:0]         line_count;
  logic [31:0]        crc;

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
  assign opcode_crc = opcode == 8'(sl200_abi_pkg::OpCrc);
  assign empty = width == '0;
  assign start = state_q == StFetch && fetched && !job_abort_i && opcode_crc && !empty;
  assign line_take = state_q == StRun && line_valid;
  assign abort_done = job_abort_i && rd_idle;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (job_start_i) begin
            state_q <= fetch_start ? StFetch : StEnd;
            refused_q <= !fetch_start;
            asid_q <= job_asid_i;
          end
        end
        StFetch: begin
          if (fetched) begin
            refused_q <= !opcode_crc;
            if (job_abort_i) state_q <= StIdle;
            else state_q <= start ? StRun : StEnd;
          end
        end
        StRun: begin
          if (abort_done) state_q <= StIdle;
          else if ((line_take && line_last) || (rd_fault && !line_valid && rd_idle))
            state_q <= StEnd;
        end
        StEnd: state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  assign job_idle_o = state_q == StIdle;
  assign job_end_valid_o = state_q == StEnd && !job_abort_i;

  always_comb begin
    job_end_o = '0;
    if (job_end_valid_o) begin
      if (refused_q) begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusEngineError);
      end else if (empty || !rd_fault) begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusOk);
        job_end_o.bytes = width;
        job_end_o.crc_bitstream = crc;
      end else if (rd_fault_reason == sl200_pkg::MemEcc) begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusEngineError);
      end else begin
        job_end_o.status = 16'(sl200_abi_pkg::StatusMmuFault);
        job_end_o.fault_reason = rd_fault_reason;
        job_end_o.fault_iova = rd_fault_addr;
      end
    end
  end

  // ---------------------------------------------------------------- data
  sl200_dma_read #(.TagBits(TagBits)) u_read (
    .clk_i,
    .rst_ni,
    .start_i(start),
    .addr_i(src),
    .width_i(width[30:0]),
    .height_i(17'd1),
    .pitch_i(32'd0),
    // A dropped job leaves the reader with work to do.
    .stop_i(job_abort_i || state_q != StRun),
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
    .line_valid_o(line_valid),
    .line_ready_i(line_take),
    .line_data_o(line_data),
    .line_first_o(line_first),
    .line_last_o(line_last),
    .line_offset_o(line_offset),
    .line_count_o(line_count),
    .fault_o(rd_fault),
    .fault_reason_o(rd_fault_reason),
    .fault_addr_o(rd_fault_addr),
    .fault_left_o(rd_fault_left),
    .failed_o(rd_failed),
    .idle_o(rd_idle)
  );

  sl200_crc32c u_crc32c (
    .clk_i,
    .rst_ni,
    .start_i(fetched),
    .valid_i(line_take),
    // Only a message's first line begins above lane 0.
    .data_i(line_first ? line_data >> {line_offset, 3'b0} : line_data),
    .count_i(line_count),
    .crc_o(crc)
  );

  // ---------------------------------------------------------------- requests
  assign rd_grant = rd_valid && (!req_valid_o || req_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_o <= 1'b0;
    end else if (rd_grant) begin
      req_valid_o <= 1'b1;
      req_o.write <= 1'b0;
      req_o.space <= sl200_pkg::SpaceIova;
      req_o.asid <= asid_q;
      req_o.addr <= rd_addr;
      req_o.len <= rd_len;
      req_o.tag <= {1'b0, rd_tag};
    end else if (req_ready_i) begin
      req_valid_o <= 1'b0;
    end
  end

  assign wvalid_o = 1'b0;
  assign wdata_o = '0;
  assign job_read_o = line_take ? {10'b0, line_count} : '0;
  assign job_written_o = '0;
  assign job_stall_in_o = state_q == StRun && !line_valid;
  assign job_stall_out_o = 1'b0;

  logic unused;
  assign unused = ^{dst, value, height, src_pitch, dst_pitch, width[31], rd_fault_left, rd_failed,
                    rtag_i[TagBits], wready_i, bvalid_i, btag_i, breason_i};

endmodule
