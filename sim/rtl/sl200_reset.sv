// SPDX-License-Identifier: MIT
// The reset sequencer. Every reset stops the core, waits until nothing is in flight at a memory
// port, and only then clears: no answer of the old state can meet the new one. It also keeps the
// core in reset until a boot is asked for, and counts.

module sl200_reset (
  input  logic        clk_i,
  input  logic        por_ni,
  // Requests: pulses.
  input  logic        mcu_req_i,
  input  logic        chip_req_i,
  input  logic        flr_i,
  output logic        flr_done_o,
  // The host's side: no access is under way; none may begin; answers to writes wait.
  input  logic        host_idle_i,
  output logic        block_o,
  output logic        busy_o,
  // The core: pulses that release it and that take it back.
  input  logic        boot_go_i,
  input  logic        boot_failed_i,
  // The memory system.
  output logic        quiesce_o,
  input  logic        quiesced_i,
  // Resets, each clearing what the one before it does, and more.
  output logic        rst_core_no,
  output logic        rst_dma_no,
  output logic        rst_chip_no,
  output logic        rst_func_no,
  // Counts since power-on.
  input  logic        engine_reset_i,
  output logic [31:0] reset_count_o,   // as TOP.RESET_COUNT
  output logic [31:0] engine_resets_o
);

  typedef enum logic [1:0] {
    StIdle,
    StQuiesce,
    StAssert
  } state_e;

  typedef enum logic [1:0] {
    LevelPowerOn,
    LevelMcu,
    LevelChip,
    LevelFlr
  } level_e;

  // Cycles before quiesced_i is believed (it answers a quiesce_o that was seen), and of the resets.
  localparam logic [1:0] SettleCycles = 2'd3;

  state_e      state_q;
  level_e      level_q;
  logic [1:0]  count_q;
  logic        flr_pending_q;
  logic        core_run_q;
  logic        rst_dma_q, rst_chip_q, rst_func_q;
  logic [7:0]  mcu_resets_q, chip_resets_q, flr_resets_q;
  logic [31:0] engine_resets_q;

  always_ff @(posedge clk_i) begin
    if (!por_ni) begin
      state_q <= StAssert;
      level_q <= LevelPowerOn;
      count_q <= '0;
      rst_dma_q <= 1'b0;
      rst_chip_q <= 1'b0;
      rst_func_q <= 1'b0;
      core_run_q <= 1'b0;
      flr_pending_q <= 1'b0;
      flr_done_o <= 1'b0;
      mcu_resets_q <= '0;
      chip_resets_q <= '0;
      flr_resets_q <= '0;
      engine_resets_q <= '0;
    end else begin
      flr_done_o <= 1'b0;
      if (engine_reset_i) engine_resets_q <= engine_resets_q + 1'b1;
      if (boot_failed_i) core_run_q <= 1'b0;
      if (boot_go_i) core_run_q <= 1'b1;

      unique case (state_q)
        StIdle: begin
          count_q <= '0;
          if (mcu_req_i || chip_req_i) begin
            state_q <= StQuiesce;
            level_q <= mcu_req_i ? LevelMcu : LevelChip;
          end else if (flr_pending_q && host_idle_i) begin
            state_q <= StQuiesce;
            level_q <= LevelFlr;
            flr_pending_q <= 1'b0;
          end
        end
        StQuiesce: begin
          if (count_q != SettleCycles) begin
            count_q <= count_q + 1'b1;
          end else if (quiesced_i) begin
            state_q <= StAssert;
            count_q <= '0;
            core_run_q <= 1'b0;
            rst_dma_q <= 1'b0;
            rst_chip_q <= level_q == LevelMcu;
            rst_func_q <= level_q != LevelFlr;
          end
        end
        default: begin
          count_q <= count_q + 1'b1;
          if (count_q == SettleCycles) begin
            state_q <= StIdle;
            rst_dma_q <= 1'b1;
            rst_chip_q <= 1'b1;
            rst_func_q <= 1'b1;
            unique case (level_q)
              LevelMcu:  mcu_resets_q <= mcu_resets_q + 1'b1;
              LevelChip: chip_resets_q <= chip_resets_q + 1'b1;
              LevelFlr: begin
                flr_resets_q <= flr_resets_q + 1'b1;
                flr_done_o <= 1'b1;
              end
              default: ;
            endcase
          end
        end
      endcase

      // After the above: a request that comes while one is served is one more.
      if (flr_i) flr_pending_q <= 1'b1;
    end
  end

  assign block_o = (state_q != StIdle) || flr_pending_q;
  assign busy_o = state_q != StIdle;
  assign quiesce_o = state_q != StIdle;
  assign rst_core_no = core_run_q;
  assign rst_dma_no = rst_dma_q;
  assign rst_chip_no = rst_chip_q;
  assign rst_func_no = rst_func_q;
  assign engine_resets_o = engine_resets_q;

  always_comb begin
    reset_count_o = '0;
    reset_count_o[sl200_regs_pkg::TopResetCountMcuLsb +: 8] = mcu_resets_q;
    reset_count_o[sl200_regs_pkg::TopResetCountEngineLsb +: 8] = engine_resets_q[7:0];
    reset_count_o[sl200_regs_pkg::TopResetCountChipLsb +: 8] = chip_resets_q;
    reset_count_o[sl200_regs_pkg::TopResetCountFlrLsb +: 8] = flr_resets_q;
  end

endmodule
