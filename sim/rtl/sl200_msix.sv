// SPDX-License-Identifier: MIT
// MSI-X: table, pending bits, and the sending of messages. A message asked for becomes pending and
// goes in the next cycle in which its vector may be sent, lowest vector first.

module sl200_msix (
  input  logic        clk_i,
  input  logic        rst_ni,          // rst_func_no
  // Configuration space.
  input  logic        bus_master_i,
  input  logic        enable_i,
  input  logic        function_mask_i,
  input  logic        emulated_i,      // somebody else looks at the vectors' masks
  input  sl200_pkg::reg_req_t reg_req_i,
  output logic [31:0] reg_rdata_o,
  input  logic        send_i,          // pulse
  input  logic [31:0] send_vector_i,
  input  logic        drop_i,          // fault injection: lose the message
  output logic        drop_taken_o,    // pulse
  output logic        msix_valid_o,    // pulse
  output logic [5:0]  msix_vector_o,
  output logic        idle_o
);

  localparam int unsigned Vectors = sl200_regs_pkg::MsixTableCount;
  // A vector's words, by number, as in the table.
  localparam logic [1:0] WordAddrLo = 2'd0;
  localparam logic [1:0] WordCtrl = 2'd3;

  logic [31:0]          addr, wdata;
  logic                 read, write, in_table, in_pba;
  logic [5:0]           vector;
  logic [1:0]           word;
  logic [Vectors-1:0]   mask_q, pending_q;
  logic [4*Vectors-1:0] valid_q;       // words not written since reset read as 0
  logic [31:0]          bits_q, table_word;
  logic                 table_q;
  logic [Vectors-1:0]   ready;
  logic                 go;
  logic [5:0]           go_vector;

  assign addr = {16'h0, reg_req_i.addr};
  assign read = reg_req_i.valid && !reg_req_i.write;
  assign write = reg_req_i.valid && reg_req_i.write;
  assign in_table = {addr[31:10], 10'h0} == sl200_regs_pkg::MsixTableBase;
  assign in_pba = {addr[31:3], 3'h0} == sl200_regs_pkg::MsixPbaBase;
  assign vector = addr[9:4];
  assign word = addr[3:2];
  assign wdata = (word == WordAddrLo) ? {reg_req_i.wdata[31:2], 2'b00} : reg_req_i.wdata;

  function automatic logic [5:0] lowest(logic [Vectors-1:0] bits);
    lowest = '0;
    for (int i = Vectors - 1; i >= 0; i--) begin
      if (bits[i]) lowest = 6'(i);
    end
  endfunction

  always_comb begin
    ready = '0;
    go_vector = '0;
    if ((pending_q != '0) && enable_i && !function_mask_i && bus_master_i) begin
      ready = emulated_i ? pending_q : (pending_q & ~mask_q);
      go_vector = lowest(ready);
    end
    go = ready != '0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      mask_q <= {Vectors{sl200_regs_pkg::MsixTableCtrlReset[0]}};
      valid_q <= '0;
    end else if (write && in_table) begin
      if (word == WordCtrl) mask_q[vector] <= wdata[sl200_regs_pkg::MsixTableCtrlMaskLsb];
      else valid_q[{vector, word}] <= 1'b1;
    end
  end

  // A message asked for while MSI-X is disabled is lost, as are those then pending.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || !enable_i) begin
      pending_q <= '0;
    end else begin
      if (go) pending_q[go_vector] <= 1'b0;
      if (send_i && (send_vector_i < Vectors)) pending_q[send_vector_i[5:0]] <= 1'b1;
    end
  end

  sl200_ram #(
    .Width(32),
    .Depth(4 * Vectors)
  ) u_table (
    .clk_i   (clk_i),
    .re_i    (read && in_table),
    .raddr_i ({vector, word}),
    .rdata_o (table_word),
    .we_i    (write && in_table),
    .be_i    (1'b1),
    .waddr_i ({vector, word}),
    .wdata_i (wdata)
  );

  always_ff @(posedge clk_i) begin
    bits_q <= '0;
    table_q <= read && in_table && valid_q[{vector, word}];
    if (read && in_table && (word == WordCtrl)) begin
      bits_q <= 32'(mask_q[vector]) << sl200_regs_pkg::MsixTableCtrlMaskLsb;
    end
    if (read && in_pba) bits_q <= pending_q[{addr[2], 5'h0} +: 32];
  end

  assign reg_rdata_o = bits_q | (table_q ? table_word : '0);
  assign msix_valid_o = go && !drop_i;
  assign msix_vector_o = go_vector;
  assign drop_taken_o = go && drop_i;
  assign idle_o = !go;

  logic unused_addr;
  assign unused_addr = ^addr[1:0];

endmodule
