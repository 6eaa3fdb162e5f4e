// SPDX-License-Identifier: MIT
// Doorbells: BAR2's 256 pages towards the host, block DB towards the MCU.

module sl200_doorbell (
  input  logic        clk_i,
  input  logic        rst_ni,          // rst_dma_no
  // A write of the host to BAR2.
  input  logic        db_valid_i,
  input  logic [19:0] db_addr_i,
  input  logic        db_word_i,
  input  logic [31:0] db_wdata_i,
  output logic        accepted_o,      // pulses
  output logic        dropped_o,
  output logic        pending_o,       // any queue's
  // The MCU's bus.
  input  sl200_pkg::reg_req_t bus_req_i,
  output logic [31:0] bus_rdata_o
);

  localparam int unsigned Queues = sl200_abi_pkg::MaxQueues;

  // Values are tails at {0, queue} and heads at {1, queue}; one that is not valid reads as 0.
  logic [Queues-1:0]   pending_q, enable_q;
  logic [2*Queues-1:0] valid_q;

  // ---------------------------------------------------------------- the host's writes
  logic       is_tail, is_head;
  logic [7:0] queue;

  assign queue = db_addr_i[19:12];
  assign is_tail = {20'h0, db_addr_i[11:0]} == sl200_abi_pkg::DoorbellSqTail;
  assign is_head = {20'h0, db_addr_i[11:0]} == sl200_abi_pkg::DoorbellCqHead;
  assign accepted_o = db_valid_i && db_word_i && (is_tail || is_head) && enable_q[queue];
  assign dropped_o = db_valid_i && !accepted_o;

  // ---------------------------------------------------------------- the MCU's side
  logic [31:0] bus_addr, group, rising;
  logic        bus_read, bus_write, value_read;
  logic [2:0]  word;
  logic [8:0]  value_index;
  logic [31:0] word_q, value;
  logic        value_q;

  assign bus_addr = sl200_regs_pkg::SysBase | {16'h0, bus_req_i.addr};
  assign bus_read = bus_req_i.valid && !bus_req_i.write;
  assign bus_write = bus_req_i.valid && bus_req_i.write;
  assign group = {bus_addr[31:5], 5'h0};  // of the registers with a bit per queue
  assign word = bus_addr[4:2];
  assign rising = bus_req_i.wdata & ~enable_q[{word, 5'h0} +: 32];
  assign value_index = {{bus_addr[31:10], 10'h0} == sl200_regs_pkg::DbCqHeadAddr, bus_addr[9:2]};
  assign value_read = bus_read && (({bus_addr[31:10], 10'h0} == sl200_regs_pkg::DbSqTailAddr) ||
                                   ({bus_addr[31:10], 10'h0} == sl200_regs_pkg::DbCqHeadAddr));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pending_q <= '0;
      enable_q <= '0;
      valid_q <= '0;
    end else begin
      if (bus_write && (group == sl200_regs_pkg::DbPendingClearAddr)) begin
        pending_q[{word, 5'h0} +: 32] <= pending_q[{word, 5'h0} +: 32] & ~bus_req_i.wdata;
      end
      if (bus_write && (group == sl200_regs_pkg::DbEnableAddr)) begin
        enable_q[{word, 5'h0} +: 32] <= bus_req_i.wdata;
        valid_q[{1'b0, word, 5'h0} +: 32] <= valid_q[{1'b0, word, 5'h0} +: 32] & ~rising;
        valid_q[{1'b1, word, 5'h0} +: 32] <= valid_q[{1'b1, word, 5'h0} +: 32] & ~rising;
      end
      // Last: a doorbell in the cycle in which its bit is cleared sets it again.
      if (accepted_o) begin
        pending_q[queue] <= 1'b1;
        valid_q[{is_head, queue}] <= 1'b1;
      end
    end
  end

  sl200_ram #(
    .Width(32),
    .Depth(2 * Queues)
  ) u_values (
    .clk_i   (clk_i),
    .re_i    (value_read),
    .raddr_i (value_index),
    .rdata_o (value),
    .we_i    (accepted_o),
    .be_i    (1'b1),
    .waddr_i ({is_head, queue}),
    .wdata_i (db_wdata_i)
  );

  always_ff @(posedge clk_i) begin
    word_q <= '0;
    value_q <= value_read && valid_q[value_index];
    if (bus_read && (group == sl200_regs_pkg::DbPendingAddr)) begin
      word_q <= pending_q[{word, 5'h0} +: 32];
    end
    if (bus_read && (group == sl200_regs_pkg::DbEnableAddr)) begin
      word_q <= enable_q[{word, 5'h0} +: 32];
    end
  end

  assign bus_rdata_o = word_q | (value_q ? value : '0);
  assign pending_o = pending_q != '0;

  logic unused_addr;
  assign unused_addr = ^bus_addr[1:0];

endmodule
