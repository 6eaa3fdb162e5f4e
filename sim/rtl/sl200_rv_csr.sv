// SPDX-License-Identifier: MIT
// Control and status registers of machine mode, entry into and return from traps, interrupts,
// counters.

module sl200_rv_csr (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        run_i,           // counters count

  // A CSR instruction in execute; written when commit_i.
  input  logic        access_i,
  input  logic [11:0] addr_i,
  input  logic [2:0]  op_i,            // funct3
  input  logic [31:0] operand_i,
  input  logic        write_i,         // it writes: rw, or a source that is not x0 or 0
  input  logic        commit_i,
  output logic [31:0] rdata_o,
  output logic        illegal_o,
  output logic        writes_instret_o,

  input  logic        retire_i,

  input  logic        trap_i,
  input  logic [31:0] trap_cause_i,
  input  logic [31:0] trap_epc_i,
  input  logic [31:0] trap_value_i,
  output logic [31:0] trap_vector_o,   // where trap_cause_i goes
  input  logic        mret_i,
  output logic [31:0] epc_o,

  input  logic        irq_timer_i,
  input  logic        irq_external_i,
  output logic        irq_o,           // an interrupt is to be taken
  output logic [31:0] irq_cause_o,
  output logic        wake_o           // one is pending and enabled, whatever mstatus says
);

  localparam logic [11:0] Mstatus = 12'h300;
  localparam logic [11:0] Misa = 12'h301;
  localparam logic [11:0] Mie = 12'h304;
  localparam logic [11:0] Mtvec = 12'h305;
  localparam logic [11:0] Mcountinhibit = 12'h320;
  localparam logic [11:0] Mscratch = 12'h340;
  localparam logic [11:0] Mepc = 12'h341;
  localparam logic [11:0] Mcause = 12'h342;
  localparam logic [11:0] Mtval = 12'h343;
  localparam logic [11:0] Mip = 12'h344;
  localparam logic [11:0] Mcycle = 12'hb00;
  localparam logic [11:0] Minstret = 12'hb02;
  localparam logic [11:0] Mcycleh = 12'hb80;
  localparam logic [11:0] Minstreth = 12'hb82;
  localparam logic [11:0] Mvendorid = 12'hf11;
  localparam logic [11:0] Marchid = 12'hf12;
  localparam logic [11:0] Mimpid = 12'hf13;
  localparam logic [11:0] Mhartid = 12'hf14;

  localparam logic [31:0] MisaValue = 32'h4000_1104;  // RV32 C I M

  // Bits of mie and mip, and interrupt codes.
  localparam int unsigned IrqTimer = 7;
  localparam int unsigned IrqExternal = 11;

  logic        mie_q, mpie_q;                        // mstatus
  logic        timer_enable_q, external_enable_q;    // mie
  logic [31:2] mtvec_q;
  logic        vectored_q;
  logic [31:0] mscratch_q, mcause_q, mtval_q;
  logic [31:1] mepc_q;
  logic        inhibit_cycle_q, inhibit_instret_q;
  logic [63:0] mcycle_q, minstret_q;

  // ---------------------------------------------------------------- access
  logic known;
  always_comb begin
    known = 1'b1;
    rdata_o = 32'h0;
    if (access_i) begin
      unique case (addr_i)
        Mstatus: rdata_o = {19'h0, 2'b11, 3'h0, mpie_q, 3'h0, mie_q, 3'h0};
        Misa: rdata_o = MisaValue;
        Mie: begin
          rdata_o[IrqTimer] = timer_enable_q;
          rdata_o[IrqExternal] = external_enable_q;
        end
        Mtvec: rdata_o = {mtvec_q, 1'b0, vectored_q};
        Mcountinhibit: rdata_o = {29'h0, inhibit_instret_q, 1'b0, inhibit_cycle_q};
        Mscratch: rdata_o = mscratch_q;
        Mepc: rdata_o = {mepc_q, 1'b0};
        Mcause: rdata_o = mcause_q;
        Mtval: rdata_o = mtval_q;
        Mip: begin
          rdata_o[IrqTimer] = irq_timer_i;
          rdata_o[IrqExternal] = irq_external_i;
        end
        Mcycle: rdata_o = mcycle_q[31:0];
        Mcycleh: rdata_o = mcycle_q[63:32];
        Minstret: rdata_o = minstret_q[31:0];
        Minstreth: rdata_o = minstret_q[63:32];
        Mvendorid, Marchid, Mimpid, Mhartid: rdata_o = 32'h0;
        default: known = 1'b0;
      endcase
    end
  end

  // Addresses say themselves what cannot be written.
  assign illegal_o = access_i && (!known || (write_i && addr_i[11:10] == 2'b11));

  logic [31:0] wdata;
  always_comb begin
    wdata = operand_i;
    if (op_i[1:0] == 2'b10) wdata = rdata_o | operand_i;
    if (op_i[1:0] == 2'b11) wdata = rdata_o & ~operand_i;
  end

  logic write;
  assign write = commit_i && write_i;
  assign writes_instret_o = access_i && write_i && (addr_i == Minstret || addr_i == Minstreth);

  // ---------------------------------------------------------------- interrupts and traps
  logic timer_pending, external_pending;
  assign timer_pending = irq_timer_i && timer_enable_q;
  assign external_pending = irq_external_i && external_enable_q;
  assign wake_o = timer_pending || external_pending;
  assign irq_o = wake_o && mie_q;
  assign irq_cause_o = {1'b1, 26'h0, external_pending ? 5'(IrqExternal) : 5'(IrqTimer)};

  assign epc_o = {mepc_q, 1'b0};
  assign trap_vector_o = {vectored_q && trap_cause_i[31] ?
                          mtvec_q + {25'h0, trap_cause_i[4:0]} : mtvec_q, 2'b00};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      mie_q <= 1'b0;
      mpie_q <= 1'b0;
      timer_enable_q <= 1'b0;
      external_enable_q <= 1'b0;
      mtvec_q <= 30'h0;
      vectored_q <= 1'b0;
      mscratch_q <= 32'h0;
      mepc_q <= 31'h0;
      mcause_q <= 32'h0;
      mtval_q <= 32'h0;
      inhibit_cycle_q <= 1'b0;
      inhibit_instret_q <= 1'b0;
    end else if (trap_i) begin
      mpie_q <= mie_q;
      mie_q <= 1'b0;
      mepc_q <= trap_epc_i[31:1];
      mcause_q <= trap_cause_i;
      mtval_q <= trap_value_i;
    end else if (mret_i) begin
      mie_q <= mpie_q;
      mpie_q <= 1'b1;
    end else if (write) begin
      unique case (addr_i)
        Mstatus: begin
          mie_q <= wdata[3];
          mpie_q <= wdata[7];
        end
        Mie: begin
          timer_enable_q <= wdata[IrqTimer];
          external_enable_q <= wdata[IrqExternal];
        end
        Mtvec: begin
          mtvec_q <= wdata[31:2];
          vectored_q <= wdata[0];
        end
        Mcountinhibit: begin
          inhibit_cycle_q <= wdata[0];
          inhibit_instret_q <= wdata[2];
        end
        Mscratch: mscratch_q <= wdata;
        Mepc: mepc_q <= wdata[31:1];
        Mcause: mcause_q <= wdata;
        Mtval: mtval_q <= wdata;
        default: ;
      endcase
    end
  end

  // ---------------------------------------------------------------- counters
  // An instruction that writes minstret is not counted: the next one reads what it wrote.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      mcycle_q <= 64'h0;
      minstret_q <= 64'h0;
    end else if (run_i) begin
      if (write && addr_i == Mcycle) mcycle_q[31:0] <= wdata;
      else if (write && addr_i == Mcycleh) mcycle_q[63:32] <= wdata;
      else if (!inhibit_cycle_q) mcycle_q <= mcycle_q + 64'd1;
      if (write && addr_i == Minstret) minstret_q[31:0] <= wdata;
      else if (write && addr_i == Minstreth) minstret_q[63:32] <= wdata;
      else if (retire_i && !inhibit_instret_q) minstret_q <= minstret_q + 64'd1;
    end
  end

  logic unused;
  assign unused = op_i[2] ^ trap_epc_i[0] ^ (^trap_cause_i[30:5]);

endmodule
