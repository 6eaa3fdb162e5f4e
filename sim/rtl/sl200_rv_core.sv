// SPDX-License-Identifier: MIT
// The MCU's core: RV32IMC_Zicsr_Zifencei, machine mode, two stages. Fetch cuts and expands an
// instruction into a register; execute does it. Behind execute stands a register for what is left:
// the write to the register file, the data of a load and the error of an access, which arrive in the
// cycle after the grant, and the trace. A result is forwarded from there; a load's is waited for.

module sl200_rv_core (
  input  logic        clk_i, rst_ni,
  input  logic [31:0] boot_addr_i,
  input  logic        halt_i,

  output logic        instr_req_o,
  output logic [31:0] instr_addr_o,
  input  logic        instr_gnt_i,
  input  logic [63:0] instr_rdata_i,
  input  logic        instr_err_i,

  output logic        data_req_o, data_we_o,
  output logic [3:0]  data_be_o,
  output logic [31:0] data_addr_o, data_wdata_o,
  input  logic        data_gnt_i,
  input  logic [31:0] data_rdata_i,
  input  logic        data_err_i,

  input  logic        irq_timer_i, irq_external_i,
  output logic        sleeping_o,
  output logic [31:0] pc_o,

  output logic        rvfi_valid_o, rvfi_trap_o, rvfi_intr_o,
  output logic [63:0] rvfi_order_o,
  output logic [31:0] rvfi_insn_o, rvfi_pc_rdata_o, rvfi_pc_wdata_o,
  output logic [4:0]  rvfi_rd_addr_o,
  output logic [31:0] rvfi_rd_wdata_o, rvfi_mem_addr_o,
  output logic [3:0]  rvfi_mem_rmask_o, rvfi_mem_wmask_o,
  output logic [31:0] rvfi_mem_rdata_o, rvfi_mem_wdata_o
);

  // mcause
  localparam logic [31:0] CauseFetch = 32'd1;
  localparam logic [31:0] CauseIllegal = 32'd2;
  localparam logic [31:0] CauseBreakpoint = 32'd3;
  localparam logic [31:0] CauseLoadMisaligned = 32'd4;
  localparam logic [31:0] CauseLoad = 32'd5;
  localparam logic [31:0] CauseStoreMisaligned = 32'd6;
  localparam logic [31:0] CauseStore = 32'd7;
  localparam logic [31:0] CauseEcall = 32'd11;

  logic run;
  assign run = rst_ni && !halt_i;

  // ---------------------------------------------------------------- fetch
  logic        redirect, next_ready, next_valid, next_compressed, next_fault;
  logic        next_fault_high, fetch_idle;
  logic [31:0] target, next_pc, next_instr;
  logic [15:0] next_raw;

  sl200_rv_fetch u_fetch (
    .clk_i,
    .rst_ni,
    .run_i        (run),
    .boot_addr_i,
    .instr_req_o,
    .instr_addr_o,
    .instr_gnt_i,
    .instr_rdata_i,
    .instr_err_i,
    .redirect_i   (redirect),
    .target_i     (target),
    .ready_i      (next_ready),
    .valid_o      (next_valid),
    .pc_o         (next_pc),
    .instr_o      (next_instr),
    .raw_o        (next_raw),
    .compressed_o (next_compressed),
    .fault_o      (next_fault),
    .fault_high_o (next_fault_high),
    .idle_o       (fetch_idle)
  );

  // The instruction in execute.
  logic        valid_q, compressed_q, fault_q, fault_high_q;
  logic [31:0] pc_q, instr_q;
  logic [15:0] raw_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      pc_q <= boot_addr_i;
    end else if (redirect) begin
      valid_q <= 1'b0;
    end else if (next_ready) begin
      valid_q <= next_valid;
      if (next_valid) begin
        pc_q <= next_pc;
        instr_q <= next_instr;
        raw_q <= next_raw;
        compressed_q <= next_compressed;
        fault_q <= next_fault;
        fault_high_q <= next_fault_high;
      end
    end
  end

  logic [31:0] insn;  // as it was in memory
  assign insn = compressed_q ? {16'h0, raw_q} : instr_q;

  // ---------------------------------------------------------------- decode
  logic        bad_instr, use_rs1, use_rs2, rd_write, alu_pc, alu_zero, alu_imm, is_load, is_store;
  logic        is_mul, is_div, is_branch, is_jal, is_jalr, is_csr, is_fence_i, is_ecall, is_ebreak;
  logic        is_mret, is_wfi;
  logic [3:0]  alu_op;
  logic [31:0] imm;

  sl200_rv_decoder u_decoder (
    .instr_i    (instr_q),
    .illegal_o  (bad_instr),
    .use_rs1_o  (use_rs1),
    .use_rs2_o  (use_rs2),
    .rd_write_o (rd_write),
    .imm_o      (imm),
    .alu_op_o   (alu_op),
    .alu_pc_o   (alu_pc),
    .alu_zero_o (alu_zero),
    .alu_imm_o  (alu_imm),
    .load_o     (is_load),
    .store_o    (is_store),
    .mul_o      (is_mul),
    .div_o      (is_div),
    .branch_o   (is_branch),
    .jal_o      (is_jal),
    .jalr_o     (is_jalr),
    .csr_o      (is_csr),
    .fence_i_o  (is_fence_i),
    .ecall_o    (is_ecall),
    .ebreak_o   (is_ebreak),
    .mret_o     (is_mret),
    .wfi_o      (is_wfi)
  );

  logic [2:0] funct3;
  logic [4:0] rs1, rs2, rd;
  assign funct3 = instr_q[14:12];
  assign rs1 = instr_q[19:15];
  assign rs2 = instr_q[24:20];
  assign rd = instr_q[11:7];

  // ---------------------------------------------------------------- what is left of the one before
  logic        last_valid_q, last_trap_q, last_load_q, last_store_q, last_write_q, last_uncounted_q;
  logic        last_intr_q;
  logic [2:0]  last_funct3_q;
  logic [3:0]  last_be_q;
  logic [4:0]  last_rd_q;
  logic [31:0] last_pc_q, last_next_q, last_insn_q, last_result_q, last_addr_q, last_wdata_q;
  logic        last_error;
  logic [31:0] load_data, rd_data;

  assign last_error = (last_load_q || last_store_q) && data_err_i;

  always_comb begin
    load_data = 32'h0;
    rd_data = last_result_q;
    if (last_load_q) begin
      load_data = data_rdata_i >> {last_addr_q[1:0], 3'b000};
      unique case (last_funct3_q)
        3'b000: rd_data = {{24{load_data[7]}}, load_data[7:0]};
        3'b001: rd_data = {{16{load_data[15]}}, load_data[15:0]};
        3'b100: rd_data = {24'h0, load_data[7:0]};
        3'b101: rd_data = {16'h0, load_data[15:0]};
        default: rd_data = load_data;
      endcase
    end
  end

  // ---------------------------------------------------------------- operands
  logic [31:0] rs1_file, rs2_file, rs1_data, rs2_data, alu_a, alu_b, alu_result;
  logic        match1, match2, branch_taken;

  sl200_rv_regfile u_regfile (
    .clk_i,
    .rs1_i     (rs1),
    .rs2_i     (rs2),
    .rs1_data_o(rs1_file),
    .rs2_data_o(rs2_file),
    .write_i   (last_write_q && !last_error && run),
    .rd_i      (last_rd_q),
    .rd_data_i (rd_data)
  );

  assign match1 = last_write_q && last_rd_q == rs1;
  assign match2 = last_write_q && last_rd_q == rs2;
  assign rs1_data = match1 ? last_result_q : rs1_file;
  assign rs2_data = match2 ? last_result_q : rs2_file;
  assign alu_a = alu_pc ? pc_q : alu_zero ? 32'h0 : rs1_data;
  assign alu_b = alu_imm ? imm : rs2_data;

  sl200_rv_alu u_alu (
    .op_i     (alu_op),
    .a_i      (alu_a),
    .b_i      (alu_b),
    .result_o (alu_result),
    .compare_i(funct3),
    .left_i   (rs1_data),
    .right_i  (rs2_data),
    .taken_o  (branch_taken)
  );

  // ---------------------------------------------------------------- control
  logic        wait_last, enter, irq, take_irq, except, go, waiting, done, leave, jump;
  logic        misaligned, csr_illegal, wake, div_done, stuck_q;

  // Loads are waited for by who needs them; what acts on the whole machine waits for all before it.
  assign wait_last = (last_load_q && ((use_rs1 && match1) || (use_rs2 && match2))) ||
                     (last_valid_q && (is_csr || is_mret || is_wfi || is_fence_i));
  assign enter = valid_q && run && !last_error && !wait_last;

  // Not in the middle of an instruction, and not before a wfi: it would wait for what has been.
  assign take_irq = enter && irq && !stuck_q && !is_wfi;
  assign misaligned = (is_load || is_store) &&
                      ((funct3[1:0] == 2'b01 && data_offset[0]) ||
                       (funct3[1:0] == 2'b10 && data_offset != 2'b00));
  assign except = enter && !take_irq &&
                  (fault_q || bad_instr || csr_illegal || is_ecall || is_ebreak || misaligned);
  assign go = enter && !take_irq && !except;
  assign waiting = ((is_load || is_store) && !data_gnt_i) || (is_div && !div_done) ||
                   (is_wfi && !wake);
  assign done = go && !waiting;
  assign leave = done || except;
  assign jump = go && (is_jal || is_jalr || is_mret || is_fence_i || (is_branch && branch_taken));
  assign redirect = last_error || take_irq || except || jump;
  assign next_ready = !valid_q || leave;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) stuck_q <= 1'b0;
    else stuck_q <= go && waiting && !is_wfi;
  end

  // ---------------------------------------------------------------- results
  logic [31:0] product, quotient, csr_rdata, sequel, result;

  sl200_rv_muldiv u_muldiv (
    .clk_i,
    .rst_ni,
    .op_i        (funct3[1:0]),
    .a_i         (rs1_data),
    .b_i         (rs2_data),
    .mul_i       (is_mul),
    .product_o   (product),
    .div_i       (go && is_div),
    .div_done_o  (div_done),
    .div_result_o(quotient)
  );

  assign sequel = pc_q + (compressed_q ? 32'd2 : 32'd4);

  always_comb begin
    result = alu_result;
    if (is_mul) result = product;
    if (is_div) result = quotient;
    if (is_csr) result = csr_rdata;
    if (is_jal || is_jalr) result = sequel;
  end

  // ---------------------------------------------------------------- data port
  logic [31:0] data_addr;
  logic [1:0]  data_offset;

  assign data_addr = rs1_data + imm;
  assign data_offset = data_addr[1:0];
  assign data_req_o = go && (is_load || is_store);
  assign data_we_o = is_store;
  assign data_addr_o = {data_addr[31:2], 2'b00};

  always_comb begin
    unique case (funct3[1:0])
      2'b00: begin
        data_be_o = 4'b0001 << data_offset;
        data_wdata_o = {4{rs2_data[7:0]}};
      end
      2'b01: begin
        data_be_o = data_offset[1] ? 4'b1100 : 4'b0011;
        data_wdata_o = {2{rs2_data[15:0]}};
      end
      default: begin
        data_be_o = 4'b1111;
        data_wdata_o = rs2_data;
      end
    endcase
  end

  // ---------------------------------------------------------------- traps
  logic [31:0] cause, trap_pc, trap_value, trap_vector, irq_cause, epc;
  logic        writes_instret;

  always_comb begin
    trap_pc = pc_q;
    trap_value = 32'h0;
    cause = irq_cause;
    if (last_error) begin
      cause = last_store_q ? CauseStore : CauseLoad;
      trap_pc = last_pc_q;
      trap_value = last_addr_q;
    end else if (take_irq) begin
      cause = irq_cause;
    end else if (fault_q) begin
      cause = CauseFetch;
      trap_value = fault_high_q ? pc_q + 32'd2 : pc_q;
    end else if (is_ecall) begin
      cause = CauseEcall;
    end else if (is_ebreak) begin
      cause = CauseBreakpoint;
    end else if (misaligned && !bad_instr) begin
      cause = is_store ? CauseStoreMisaligned : CauseLoadMisaligned;
      trap_value = data_addr;
    end else begin
      cause = CauseIllegal;
      trap_value = insn;
    end
  end

  always_comb begin
    target = trap_vector;
    if (jump) begin
      target = pc_q + imm;
      if (is_jalr) target = data_addr;
      if (is_mret) target = epc;
      if (is_fence_i) target = sequel;
      target[0] = 1'b0;
    end
  end

  sl200_rv_csr u_csr (
    .clk_i,
    .rst_ni,
    .run_i           (run),
    .access_i        (valid_q && is_csr),
    .addr_i          (instr_q[31:20]),
    .op_i            (funct3),
    .operand_i       (funct3[2] ? {27'h0, rs1} : rs1_data),
    .write_i         (funct3[1:0] == 2'b01 || rs1 != 5'd0),
    .commit_i        (done && is_csr),
    .rdata_o         (csr_rdata),
    .illegal_o       (csr_illegal),
    .writes_instret_o(writes_instret),
    .retire_i        (rvfi_valid_o && !rvfi_trap_o && !last_uncounted_q),
    .trap_i          (last_error || take_irq || except),
    .trap_cause_i    (cause),
    .trap_epc_i      (trap_pc),
    .trap_value_i    (trap_value),
    .trap_vector_o   (trap_vector),
    .mret_i          (done && is_mret),
    .epc_o           (epc),
    .irq_timer_i,
    .irq_external_i,
    .irq_o           (irq),
    .irq_cause_o     (irq_cause),
    .wake_o          (wake)
  );

  // ---------------------------------------------------------------- behind execute
  logic intr_q;  // the next is the first of a trap's handler

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      last_valid_q <= 1'b0;
      last_load_q <= 1'b0;
      last_store_q <= 1'b0;
      last_write_q <= 1'b0;
      intr_q <= 1'b0;
    end else if (run) begin
      last_valid_q <= leave;
      last_load_q <= done && is_load;
      last_store_q <= done && is_store;
      last_write_q <= done && rd_write && rd != 5'd0;
      if (leave) begin
        last_trap_q <= except;
        last_intr_q <= intr_q;
        last_uncounted_q <= writes_instret;
        last_pc_q <= pc_q;
        last_next_q <= redirect ? target : sequel;
        last_insn_q <= insn;
        last_rd_q <= rd;
        if (!is_load) last_result_q <= result;
        if (is_load || is_store) begin
          last_funct3_q <= funct3;
          last_be_q <= data_be_o;
          last_addr_q <= data_addr;
          if (is_store) last_wdata_q <= data_wdata_o;
        end
      end
      if (last_error || take_irq || except) intr_q <= 1'b1;
      else if (leave) intr_q <= 1'b0;
    end
  end

  assign pc_o = pc_q;
  assign sleeping_o = valid_q && is_wfi && !wake && !last_valid_q && fetch_idle;

  // ---------------------------------------------------------------- trace
  logic [63:0] order_q;
  logic        write_now;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) order_q <= 64'h0;
    else if (rvfi_valid_o) order_q <= order_q + 64'd1;
  end

  assign write_now = last_write_q && !last_error;
  assign rvfi_valid_o = last_valid_q && run;
  assign rvfi_trap_o = last_trap_q || last_error;
  assign rvfi_intr_o = last_intr_q;
  assign rvfi_order_o = order_q;
  assign rvfi_insn_o = last_insn_q;
  assign rvfi_pc_rdata_o = last_pc_q;
  assign rvfi_pc_wdata_o = last_error ? trap_vector : last_next_q;
  assign rvfi_rd_addr_o = write_now ? last_rd_q : 5'd0;
  assign rvfi_rd_wdata_o = write_now ? rd_data : 32'h0;
  assign rvfi_mem_addr_o = {last_addr_q[31:2], 2'b00};
  assign rvfi_mem_rmask_o = last_load_q ? last_be_q : 4'h0;
  assign rvfi_mem_wmask_o = last_store_q ? last_be_q : 4'h0;
  assign rvfi_mem_rdata_o = data_rdata_i;
  assign rvfi_mem_wdata_o = last_wdata_q;

endmodule
