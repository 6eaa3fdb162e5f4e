// SPDX-License-Identifier: MIT
// The tightly coupled memory: two banks of 64-bit words, so that the core runs code of the first at
// full speed while its data and the DMA's are in the second. Each bank has one read and one write
// port. For either the DMA side comes first, then loads (or stores), then fetches. Addresses are
// those of 64-bit words; an answer is there in the cycle after the grant, and only then.

module sl200_tcm #(
  parameter int unsigned NumClients = 2
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,

  // The core's fetches.
  input  logic                     fetch_req_i,
  input  logic [14:0]              fetch_addr_i,
  output logic                     fetch_gnt_o,
  output logic [63:0]              fetch_rdata_o,

  // The core's loads and stores.
  input  logic                     data_req_i,
  input  logic                     data_we_i,
  input  logic [7:0]               data_be_i,
  input  logic [14:0]              data_addr_i,
  input  logic [63:0]              data_wdata_i,
  output logic                     data_gnt_o,
  output logic [63:0]              data_rdata_o,

  // The DMA side: one access a cycle, round robin.
  input  logic [NumClients-1:0]    tcm_req_i,
  input  logic [NumClients-1:0]    tcm_we_i,
  input  logic [NumClients*15-1:0] tcm_addr_i,
  input  logic [NumClients*64-1:0] tcm_wdata_i,
  input  logic [NumClients*8-1:0]  tcm_be_i,
  output logic [NumClients-1:0]    tcm_gnt_o,
  output logic [63:0]              tcm_rdata_o
);

  localparam int unsigned TcmWords = sl200_abi_pkg::McuTcmSize / 8;
  localparam int unsigned CodeWords = sl200_abi_pkg::McuCodeSize / 8;
  localparam int unsigned RestWords = TcmWords - CodeWords;
  localparam int unsigned CodeBits = $clog2(CodeWords);
  localparam int unsigned RestBits = $clog2(RestWords);

  // ---------------------------------------------------------------- who of the DMA side
  logic [NumClients-1:0] after_q;   // clients behind the last one served: they come first
  logic [NumClients-1:0] first, choice;
  logic [NumClients-1:0] gnt;

  assign first = tcm_req_i & after_q;
  assign choice = (first != '0) ? first : tcm_req_i;
  assign gnt = choice & (~choice + 1'b1);
  assign tcm_gnt_o = gnt;

  // Turns are taken while the core is held, too.
  always_ff @(posedge clk_i) begin
    if (tcm_req_i != '0) after_q <= ~(gnt | (gnt - 1'b1));
    else if (!rst_ni) after_q <= '0;
  end

  logic        dma_req, dma_we, dma_code;
  logic [14:0] dma_addr;
  logic [63:0] dma_wdata;
  logic [7:0]  dma_be;

  assign dma_req = tcm_req_i != '0;
  assign dma_we = (gnt & tcm_we_i) != '0;

  always_comb begin
    dma_addr = '0;
    dma_wdata = '0;
    dma_be = '0;
    for (int unsigned i = 0; i < NumClients; i++) begin
      if (gnt[i]) begin
        dma_addr = tcm_addr_i[i*15 +: 15];
        dma_wdata = tcm_wdata_i[i*64 +: 64];
        dma_be = tcm_be_i[i*8 +: 8];
      end
    end
  end

  // ---------------------------------------------------------------- which bank
  logic fetch_code, data_code;

  assign dma_code = {17'b0, dma_addr} < CodeWords;
  assign data_code = {17'b0, data_addr_i} < CodeWords;
  assign fetch_code = {17'b0, fetch_addr_i} < CodeWords;

  logic dma_read, dma_write, load, store;

  assign dma_read = dma_req && !dma_we;
  assign dma_write = dma_req && dma_we;
  assign load = data_req_i && !data_we_i;
  assign store = data_req_i && data_we_i;

  logic load_gnt, store_gnt;

  assign load_gnt = load && !(dma_read && dma_code == data_code);
  assign store_gnt = store && !(dma_write && dma_code == data_code);
  assign data_gnt_o = load_gnt || store_gnt;
  assign fetch_gnt_o = fetch_req_i && !(dma_read && dma_code == fetch_code) &&
                       !(load && data_code == fetch_code);

  // ---------------------------------------------------------------- the banks
  logic        code_dma_read, code_dma_write, code_load, code_re, code_we;
  logic        rest_dma_read, rest_dma_write, rest_load, rest_re, rest_we;
  logic [14:0] code_raddr, code_waddr, rest_raddr, rest_waddr;   // still from the TCM's start
  logic [63:0] code_rdata, rest_rdata;

  assign code_dma_read = dma_read && dma_code;
  assign code_dma_write = dma_write && dma_code;
  assign code_load = load && data_code;
  assign code_re = code_dma_read || code_load || (fetch_req_i && fetch_code);
  assign code_raddr = code_dma_read ? dma_addr : code_load ? data_addr_i : fetch_addr_i;
  assign code_we = code_dma_write || (store && data_code);
  assign code_waddr = code_dma_write ? dma_addr : data_addr_i;

  assign rest_dma_read = dma_read && !dma_code;
  assign rest_dma_write = dma_write && !dma_code;
  assign rest_load = load && !data_code;
  assign rest_re = rest_dma_read || rest_load || (fetch_req_i && !fetch_code);
  assign rest_raddr = rest_dma_read ? dma_addr : rest_load ? data_addr_i : fetch_addr_i;
  assign rest_we = rest_dma_write || (store && !data_code);
  assign rest_waddr = rest_dma_write ? dma_addr : data_addr_i;

  sl200_ram #(
    .Width(64),
    .Depth(CodeWords),
    .ByteEnable(1'b1)
  ) u_code (
    .clk_i,
    .re_i(code_re),
    .raddr_i(code_raddr[CodeBits-1:0]),
    .rdata_o(code_rdata),
    .we_i(code_we),
    .be_i(code_dma_write ? dma_be : data_be_i),
    .waddr_i(code_waddr[CodeBits-1:0]),
    .wdata_i(code_dma_write ? dma_wdata : data_wdata_i)
  );

  sl200_ram #(
    .Width(64),
    .Depth(RestWords),
    .ByteEnable(1'b1)
  ) u_rest (
    .clk_i,
    .re_i(rest_re),
    .raddr_i(RestBits'(rest_raddr - 15'(CodeWords))),
    .rdata_o(rest_rdata),
    .we_i(rest_we),
    .be_i(rest_dma_write ? dma_be : data_be_i),
    .waddr_i(RestBits'(rest_waddr - 15'(CodeWords))),
    .wdata_i(rest_dma_write ? dma_wdata : data_wdata_i)
  );

  // ---------------------------------------------------------------- answers
  // Not reset: a DMA may be reading while the core is held.
  logic dma_code_q, load_code_q, fetch_code_q;

  always_ff @(posedge clk_i) begin
    if (dma_read) dma_code_q <= dma_code;
    if (load) load_code_q <= data_code;
    if (fetch_req_i) fetch_code_q <= fetch_code;
  end

  assign tcm_rdata_o = dma_code_q ? code_rdata : rest_rdata;
  assign data_rdata_o = load_code_q ? code_rdata : rest_rdata;
  assign fetch_rdata_o = fetch_code_q ? code_rdata : rest_rdata;

  logic unused;
  assign unused = ^{code_raddr[14:CodeBits], code_waddr[14:CodeBits]};

endmodule
