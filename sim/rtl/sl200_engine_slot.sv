// SPDX-License-Identifier: MIT
// The slot an engine stands in: its job port, counters, result record, injected faults and the watch
// over its reset. The same for every engine; docs/hardware.md, chapter 15.

module sl200_engine_slot #(
  parameter int unsigned Index = 0,
  parameter logic [31:0] Kind = 32'd0,
  parameter logic [31:0] CapFlags = 32'd0,
  parameter logic [31:0] CapDim = 32'd0,
  parameter logic [31:0] CapLimits = 32'd0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  rst_chip_ni,       // counters
  input  logic [63:0]           time_i,
  input  sl200_pkg::reg_req_t   bus_req_i,         // the MCU's bus: ENGINE
  output logic [31:0]           bus_rdata_o,
  input  sl200_pkg::reg_req_t   reg_req_i,         // BAR0: TELEM_ENGINE
  output logic [31:0]           reg_rdata_o,
  // The TCM: the slot's writes and the engine's reads.
  output logic                  tcm_req_o,
  output logic                  tcm_we_o,
  output logic [14:0]           tcm_addr_o,
  output logic [63:0]           tcm_wdata_o,
  output logic [7:0]            tcm_be_o,
  input  logic                  tcm_gnt_i,
  // The engine.
  output logic                  job_start_o,       // pulse
  output logic [15:0]           job_asid_o,
  output logic [17:0]           job_addr_o,        // TCM byte offset
  output logic                  job_abort_o,       // level: issue nothing more, drain, then job_idle_i
  input  logic                  job_idle_i,        // no job, nothing in flight
  input  logic                  job_end_valid_i,   // pulse
  input  sl200_pkg::job_end_t   job_end_i,
  input  logic [15:0]           job_read_i,        // bytes moved in this cycle
  input  logic [15:0]           job_written_i,
  input  logic                  job_stall_in_i,    // levels
  input  logic                  job_stall_out_i,
  input  logic                  job_tcm_req_i,
  input  logic [14:0]           job_tcm_addr_i,
  output logic                  job_tcm_gnt_o,
  // The chip.
  output logic                  done_o,
  output logic                  engine_reset_o,    // pulse
  output logic                  idle_o,
  input  logic                  inject_hang_i,
  input  logic                  inject_error_i,
  output logic                  inject_hang_taken_o,
  output logic                  inject_error_taken_o
);

  localparam logic [31:0] TcmSize = sl200_abi_pkg::McuTcmSize;
  localparam logic [31:0] ResultLast = TcmSize - 32'(sl200_abi_pkg::JobResultSize);

  typedef enum logic [2:0] {StIdle, StRun, StHung, StResult, StDone, StResetting} state_e;
  state_e state_q;

  logic [31:0] asid_q, job_q, result_q;
  logic        ctrl, ctrl_start, ctrl_ack, ctrl_reset;
  logic        start, start_error, job_bad;
  logic        end_valid, result_bad, result_done;
  logic [63:0] start_ns_q, end_ns_q, cycles_q, read_q, written_q;
  logic [15:0] status_q;
  logic [31:0] bytes_q, crc_q;

  // ---------------------------------------------------------------- the MCU's bus
  localparam logic [7:0] Page = 8'((sl200_regs_pkg::EngineBase >> 8) + 32'(Index));
  localparam logic [7:0] OffKind = 8'(sl200_regs_pkg::EngineKindAddr);
  localparam logic [7:0] OffCtrl = 8'(sl200_regs_pkg::EngineCtrlAddr);
  localparam logic [7:0] OffStatus = 8'(sl200_regs_pkg::EngineStatusAddr);
  localparam logic [7:0] OffAsid = 8'(sl200_regs_pkg::EngineAsidAddr);
  localparam logic [7:0] OffJob = 8'(sl200_regs_pkg::EngineJobAddr);
  localparam logic [7:0] OffResult = 8'(sl200_regs_pkg::EngineResultAddr);
  localparam logic [7:0] OffFaultLo = 8'(sl200_regs_pkg::EngineFaultIovaLoAddr);
  localparam logic [7:0] OffFaultHi = 8'(sl200_regs_pkg::EngineFaultIovaHiAddr);
  localparam logic [7:0] OffFaultInfo = 8'(sl200_regs_pkg::EngineFaultInfoAddr);
  localparam logic [7:0] OffCapFlags = 8'(sl200_regs_pkg::EngineCapFlagsAddr);
  localparam logic [7:0] OffCapDim = 8'(sl200_regs_pkg::EngineCapDimAddr);
  localparam logic [7:0] OffCapLimits = 8'(sl200_regs_pkg::EngineCapLimitsAddr);

  logic        bus_mine;
  logic [31:0] status, fault_info;
  logic [63:0] fault_iova_q;
  logic        fault_valid_q, fault_write_q;
  logic [2:0]  fault_reason_q;

  assign bus_mine = bus_req_i.valid && bus_req_i.addr[15:8] == Page;

  always_comb begin
    unique case (state_q)
      StIdle: status = sl200_regs_pkg::EngineStatusIdle;
      StDone: status = sl200_regs_pkg::EngineStatusDone;
      StResetting: status = sl200_regs_pkg::EngineStatusResetting;
      default: status = sl200_regs_pkg::EngineStatusBusy;
    endcase
    fault_info = '0;
    fault_info[sl200_regs_pkg::EngineFaultInfoValidLsb] = fault_valid_q;
    fault_info[sl200_regs_pkg::EngineFaultInfoWriteLsb] = fault_write_q;
    fault_info[sl200_regs_pkg::EngineFaultInfoReasonLsb +: 3] = fault_reason_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      bus_rdata_o <= '0;
    end else if (bus_mine && !bus_req_i.write) begin
      unique case (bus_req_i.addr[7:0])
        OffKind: bus_rdata_o <= Kind;
        OffStatus: bus_rdata_o <= status;
        OffAsid: bus_rdata_o <= asid_q;
        OffJob: bus_rdata_o <= job_q;
        OffResult: bus_rdata_o <= result_q;
        OffFaultLo: bus_rdata_o <= fault_iova_q[31:0];
        OffFaultHi: bus_rdata_o <= fault_iova_q[63:32];
        OffFaultInfo: bus_rdata_o <= fault_info;
        OffCapFlags: bus_rdata_o <= CapFlags;
        OffCapDim: bus_rdata_o <= CapDim;
        OffCapLimits: bus_rdata_o <= CapLimits;
        default: bus_rdata_o <= '0;
      endcase
    end else begin
      bus_rdata_o <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      asid_q <= '0;
      job_q <= '0;
      result_q <= '0;
    end else if (bus_mine && bus_req_i.write) begin
      unique case (bus_req_i.addr[7:0])
        OffAsid: asid_q <= bus_req_i.wdata;
        OffJob: job_q <= bus_req_i.wdata;
        OffResult: result_q <= bus_req_i.wdata;
        default: ;
      endcase
    end
  end

  // ---------------------------------------------------------------- states
  assign ctrl = bus_mine && bus_req_i.write && bus_req_i.addr[7:0] == OffCtrl;
  assign ctrl_reset = ctrl && bus_req_i.wdata[sl200_regs_pkg::EngineCtrlResetLsb];
  assign ctrl_ack = ctrl && bus_req_i.wdata[sl200_regs_pkg::EngineCtrlAckLsb];
  assign ctrl_start = ctrl && bus_req_i.wdata[sl200_regs_pkg::EngineCtrlStartLsb];

  assign start = ctrl_start && !ctrl_reset &&
                 (state_q == StIdle || (state_q == StDone && ctrl_ack));
  assign job_bad = job_q[2:0] != 3'd0 || job_q >= TcmSize;
  assign inject_hang_taken_o = start && inject_hang_i;
  assign inject_error_taken_o = start && !inject_hang_i && inject_error_i;
  assign start_error = start && !inject_hang_i && (inject_error_i || job_bad);
  assign job_start_o = start && !inject_hang_i && !inject_error_i && !job_bad;
  assign job_asid_o = asid_q[15:0];
  assign job_addr_o = job_q[17:0];
  assign job_abort_o = state_q == StResetting;
  assign end_valid = state_q == StRun && job_end_valid_i;
  assign result_bad = result_q[2:0] != 3'd0 || result_q > ResultLast;

  assign done_o = state_q == StDone;
  assign engine_reset_o = ctrl_reset;
  assign idle_o = (state_q == StIdle || state_q == StDone) && job_idle_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
    end else if (ctrl_reset) begin
      if (state_q != StIdle) state_q <= (state_q == StDone) ? StIdle : StResetting;
    end else begin
      unique case (state_q)
        StIdle, StDone: begin
          if (start_error) state_q <= StResult;
          else if (start) state_q <= inject_hang_i ? StHung : StRun;
          else if (ctrl_ack) state_q <= StIdle;
        end
        StRun: if (job_end_valid_i) state_q <= StResult;
        StHung: ;
        StResult: if (result_done) state_q <= StDone;
        StResetting: if (job_idle_i) state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  // ---------------------------------------------------------------- the job's end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fault_valid_q <= 1'b0;
      fault_write_q <= 1'b0;
      fault_reason_q <= 3'd0;
      fault_iova_q <= '0;
    end else if (start) begin
      fault_valid_q <= 1'b0;
      fault_write_q <= 1'b0;
      fault_reason_q <= 3'd0;
      fault_iova_q <= '0;
    end else if (end_valid && job_end_i.fault_reason != 3'd0) begin
      fault_valid_q <= 1'b1;
      fault_write_q <= job_end_i.fault_write;
      fault_reason_q <= job_end_i.fault_reason;
      fault_iova_q <= job_end_i.fault_iova;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start) begin
      start_ns_q <= time_i;
      end_ns_q <= time_i;
      cycles_q <= '0;
      read_q <= '0;
      written_q <= '0;
      status_q <= 16'(sl200_abi_pkg::StatusEngineError);
      bytes_q <= '0;
      crc_q <= '0;
    end else if (state_q == StRun) begin
      cycles_q <= cycles_q + 64'd1;
      if (job_read_i != '0) read_q <= read_q + {48'b0, job_read_i};
      if (job_written_i != '0) written_q <= written_q + {48'b0, job_written_i};
      if (job_end_valid_i) begin
        end_ns_q <= time_i;
        status_q <= job_end_i.status;
        bytes_q <= job_end_i.bytes;
        crc_q <= job_end_i.crc_bitstream;
      end
    end
  end

  // ---------------------------------------------------------------- the result record
  localparam logic [3:0] WordStart = 4'(sl200_abi_pkg::JobResultStartNsOffset / 8);
  localparam logic [3:0] WordEnd = 4'(sl200_abi_pkg::JobResultEndNsOffset / 8);
  localparam logic [3:0] WordCycles = 4'(sl200_abi_pkg::JobResultCyclesOffset / 8);
  localparam logic [3:0] WordBytes = 4'(sl200_abi_pkg::JobResultBytesOffset / 8);
  localparam logic [3:0] WordStatus = 4'(sl200_abi_pkg::JobResultStatusOffset / 8);
  localparam logic [3:0] WordRead = 4'(sl200_abi_pkg::JobResultBytesReadOffset / 8);
  localparam logic [3:0] WordWritten = 4'(sl200_abi_pkg::JobResultBytesWrittenOffset / 8);
  localparam logic [3:0] WordLast = 4'(sl200_abi_pkg::JobResultSize / 8 - 1);

  logic [3:0] word_q;

  assign result_done = result_bad || (tcm_gnt_i && word_q == WordLast);

  always_ff @(posedge clk_i) begin
    if (state_q != StResult) word_q <= 4'd0;
    else if (tcm_gnt_i) word_q <= word_q + 4'd1;
  end

  always_comb begin
    tcm_req_o = job_tcm_req_i;
    tcm_we_o = 1'b0;
    tcm_addr_o = job_tcm_addr_i;
    tcm_wdata_o = '0;
    if (state_q == StResult) begin
      tcm_req_o = !result_bad;
      tcm_we_o = 1'b1;
      tcm_addr_o = result_q[17:3] + {11'b0, word_q};
      unique case (word_q)
        WordStart: tcm_wdata_o = start_ns_q;
        WordEnd: tcm_wdata_o = end_ns_q;
        WordCycles: tcm_wdata_o = cycles_q;
        WordBytes: tcm_wdata_o = {crc_q, bytes_q};
        WordStatus: tcm_wdata_o = {16'b0, status_q, 32'b0};
        WordRead: tcm_wdata_o = read_q;
        WordWritten: tcm_wdata_o = written_q;
        default: ;
      endcase
    end
  end

  assign tcm_be_o = 8'hff;
  assign job_tcm_gnt_o = tcm_gnt_i && state_q != StResult;

  // ---------------------------------------------------------------- counters
  localparam logic [15:0] TelemBase = 16'(sl200_regs_pkg::TelemEngineBase +
                                          32'(Index) * 32'(sl200_regs_pkg::TelemEngineStride));

  sl200_engine_counters #(
    .Base(TelemBase),
    .Kind(Kind)
  ) u_counters (
    .clk_i,
    .rst_ni(rst_chip_ni),
    .time_i,
    .reg_req_i,
    .reg_rdata_o,
    .finished_i(state_q == StResult && result_done && !ctrl_reset),
    // An aborted job's time counts too, also when what ends it is a reset of everything.
    .dropped_i((state_q == StResetting && job_idle_i && !ctrl_reset) ||
               (!rst_ni && state_q != StIdle && state_q != StDone)),
    .start_ns_i(start_ns_q),
    .end_ns_i(end_ns_q),
    .cycles_i(cycles_q),
    .stall_in_i(state_q == StRun && job_stall_in_i),
    .stall_out_i(state_q == StRun && job_stall_out_i)
  );

endmodule
