// SPDX-License-Identifier: MIT
// First stage: asks for 64-bit windows ahead of the program counter, keeps two, cuts instructions
// out of them and expands the compressed ones. A window that has just arrived is used at once, so a
// jump costs one cycle beyond its own.

module sl200_rv_fetch (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        run_i,        // ask for more
  input  logic [31:0] boot_addr_i,

  output logic        instr_req_o,
  output logic [31:0] instr_addr_o,
  input  logic        instr_gnt_i,
  input  logic [63:0] instr_rdata_i,
  input  logic        instr_err_i,

  // Forget everything, go on at the target (bit 0 is ignored).
  input  logic        redirect_i,
  input  logic [31:0] target_i,

  input  logic        ready_i,
  output logic        valid_o,
  output logic [31:0] pc_o,
  output logic [31:0] instr_o,      // expanded; 0, which is illegal, when there is none
  output logic [15:0] raw_o,        // as it was in memory, when compressed
  output logic        compressed_o,
  output logic        fault_o,
  output logic        fault_high_o, // the fault is in the second half of the instruction
  output logic        idle_o        // nothing asked for
);

  // Windows waiting: the older in window0.
  logic [1:0]  count_q;
  logic [63:0] window0_q, window1_q;
  logic        err0_q, err1_q;
  logic [31:1] pc_q;

  // A request that was not granted stands, even if a redirect has made it stale.
  logic [31:3] addr_q;
  logic        standing_q, stale_q;
  logic        coming_q, discard_q;

  // ---------------------------------------------------------------- cutting
  logic        arrives, have0, have1, err0, err1, straddles, compressed, pop;
  logic [63:0] window0;
  logic [15:0] half1_first;
  logic [15:0] low, high;

  assign arrives = coming_q && !discard_q;
  assign have0 = count_q != 2'd0 || arrives;
  assign have1 = count_q == 2'd2 || (count_q == 2'd1 && arrives);
  assign window0 = count_q != 2'd0 ? window0_q : instr_rdata_i;
  assign half1_first = count_q == 2'd2 ? window1_q[15:0] : instr_rdata_i[15:0];
  assign err0 = count_q != 2'd0 ? err0_q : instr_err_i;
  assign err1 = count_q == 2'd2 ? err1_q : instr_err_i;

  always_comb begin
    unique case (pc_q[2:1])
      2'd0: {high, low} = window0[31:0];
      2'd1: {high, low} = window0[47:16];
      2'd2: {high, low} = window0[63:32];
      default: {high, low} = {half1_first, window0[63:48]};
    endcase
  end

  assign compressed = low[1:0] != 2'b11;
  assign straddles = pc_q[2:1] == 2'd3 && !compressed && !err0;
  assign pop = compressed ? pc_q[2:1] == 2'd3 : pc_q[2];

  logic [31:0] expanded;
  logic        illegal;
  sl200_rv_expander u_expander (
    .instr_i  (low),
    .instr_o  (expanded),
    .illegal_o(illegal)
  );

  assign valid_o = have0 && (!straddles || have1);
  assign pc_o = {pc_q, 1'b0};
  assign raw_o = low;
  assign fault_high_o = straddles && err1;
  assign fault_o = err0 || fault_high_o;
  assign compressed_o = compressed && !fault_o;
  always_comb begin
    instr_o = compressed ? expanded : {high, low};
    if (fault_o || (compressed && illegal)) instr_o = 32'h0;
  end

  logic take, take_pop;
  assign take = valid_o && ready_i;
  assign take_pop = take && pop;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= 2'd0;
      pc_q <= boot_addr_i[31:1];
    end else if (redirect_i) begin
      count_q <= 2'd0;
      pc_q <= target_i[31:1];
    end else begin
      if (take) pc_q <= pc_q + (compressed ? 31'd1 : 31'd2);
      unique case ({arrives, take_pop})
        2'b10: count_q <= count_q + 2'd1;
        2'b01: count_q <= count_q - 2'd1;
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (take_pop && count_q == 2'd2) begin
      window0_q <= window1_q;
      err0_q <= err1_q;
    end else if (arrives && (count_q == 2'd0 || take_pop)) begin
      window0_q <= instr_rdata_i;
      err0_q <= instr_err_i;
    end
    if (arrives && count_q != 2'd0) begin
      window1_q <= instr_rdata_i;
      err1_q <= instr_err_i;
    end
  end

  // ---------------------------------------------------------------- asking
  logic room, redirect_now;
  assign room = count_q == 2'd0 || (count_q == 2'd1 && !arrives);
  assign redirect_now = redirect_i && !standing_q;
  assign instr_req_o = run_i && (standing_q || redirect_i || room);
  assign instr_addr_o = {redirect_now ? target_i[31:3] : addr_q, 3'b000};
  assign idle_o = !coming_q && !instr_req_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      addr_q <= boot_addr_i[31:3];
      standing_q <= 1'b0;
      stale_q <= 1'b0;
      coming_q <= 1'b0;
      discard_q <= 1'b0;
    end else begin
      coming_q <= instr_req_o && instr_gnt_i;
      standing_q <= instr_req_o && !instr_gnt_i;
      if (instr_req_o) begin
        if (instr_gnt_i) begin
          discard_q <= standing_q && (stale_q || redirect_i);
          stale_q <= 1'b0;
          if (standing_q && redirect_i) addr_q <= target_i[31:3];
          else if (standing_q && stale_q) addr_q <= pc_q[31:3];
          else addr_q <= instr_addr_o[31:3] + 29'd1;
        end else begin
          stale_q <= standing_q && (stale_q || redirect_i);
          addr_q <= instr_addr_o[31:3];
        end
      end
    end
  end

  logic unused_target;
  assign unused_target = target_i[0] ^ boot_addr_i[0];

endmodule
