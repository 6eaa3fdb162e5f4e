// SPDX-License-Identifier: MIT
// The MDMA before a stand-in for the fabric (dma_mem.c); the test itself is mdma_ref.c.

module tb (
  input logic clk_i
);

  import "DPI-C" function void mdma_ref_start(input int seed);
  import "DPI-C" function longint unsigned mdma_ref_tcm(
    input bit write, input int word, input byte unsigned be, input longint unsigned data);
  import "DPI-C" function bit mdma_ref_cycle(
    input int unsigned bus_rdata, input bit idle, input bit read, input bit written,
    input bit taken, output bit valid, output bit write, output int unsigned addr,
    output int unsigned wdata, output bit corrupt);
  import "DPI-C" function void dma_mem_cycle(
    input int client, input bit req, input bit write, input int space, input int asid,
    input longint unsigned addr, input int len, input int tag, input bit wdata_valid,
    input bit [255:0] wdata, output bit req_ready, output bit wready, output bit rvalid,
    output int rtag, output bit [255:0] rdata, output bit rlast, output int rreason,
    output bit bvalid, output int btag, output int breason);

  int unsigned cycle_q;
  logic        rst_n;

  assign rst_n = cycle_q > 32'd4;

  initial begin
    int seed;
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    mdma_ref_start(seed);
  end

  sl200_pkg::reg_req_t bus_req;
  sl200_pkg::mem_req_t req;
  logic [31:0]  bus_rdata;
  logic         tcm_req, tcm_we, tcm_gnt, tcm_ready;
  logic [14:0]  tcm_addr;
  logic [63:0]  tcm_wdata, tcm_rdata;
  logic [7:0]   tcm_be;
  logic         req_valid, wvalid, idle, probe_read, probe_written, taken;
  logic [255:0] wdata;
  bit           req_ready, wready, rvalid, rlast, bvalid, corrupt, all_done, bus_valid, bus_write;
  int unsigned  addr, data;
  int           rtag, rreason, btag, breason;
  bit [255:0]   rdata;

  sl200_mdma u_mdma (
    .clk_i,
    .rst_ni(rst_n),
    .bus_req_i(bus_req),
    .bus_rdata_o(bus_rdata),
    .tcm_req_o(tcm_req),
    .tcm_we_o(tcm_we),
    .tcm_addr_o(tcm_addr),
    .tcm_wdata_o(tcm_wdata),
    .tcm_be_o(tcm_be),
    .tcm_gnt_i(tcm_gnt),
    .tcm_rdata_i(tcm_rdata),
    .req_valid_o(req_valid),
    .req_o(req),
    .req_ready_i(req_ready),
    .wvalid_o(wvalid),
    .wdata_o(wdata),
    .wready_i(wready),
    .rvalid_i(rvalid),
    .rtag_i(rtag[5:0]),
    .rdata_i(rdata),
    .rlast_i(rlast),
    .rreason_i(rreason[2:0]),
    .bvalid_i(bvalid),
    .btag_i(btag[5:0]),
    .breason_i(breason[2:0]),
    .inject_corrupt_i(corrupt),
    .inject_corrupt_taken_o(taken),
    .idle_o(idle),
    .probe_read_o(probe_read),
    .probe_written_o(probe_written)
  );

  assign bus_req.valid = bus_valid;
  assign bus_req.write = bus_write;
  assign bus_req.addr = addr[15:0];
  assign bus_req.wdata = data;
  assign tcm_gnt = tcm_req && tcm_ready;

  always_ff @(posedge clk_i) begin
    tcm_ready <= $urandom_range(3) != 0;
    if (tcm_gnt) tcm_rdata <= mdma_ref_tcm(tcm_we, int'(tcm_addr), tcm_be, tcm_wdata);
    else tcm_rdata <= {$urandom, $urandom};
  end

  bit          v_req_ready, v_wready, v_rvalid, v_rlast, v_bvalid, v_corrupt, v_valid, v_write;
  int unsigned v_addr, v_data;
  int          v_rtag, v_rreason, v_btag, v_breason;
  bit [255:0]  v_rdata;

  always_ff @(posedge clk_i) begin
    if (cycle_q < 32'd100) cycle_q <= cycle_q + 32'd1;
    if (rst_n) begin
      dma_mem_cycle(0, req_valid && req_ready, req.write, int'(req.space), int'(req.asid),
                    req.addr, int'(req.len), int'(req.tag), wvalid && wready, wdata, v_req_ready,
                    v_wready, v_rvalid, v_rtag, v_rdata, v_rlast, v_rreason, v_bvalid, v_btag,
                    v_breason);
      all_done <= mdma_ref_cycle(bus_rdata, idle, probe_read, probe_written, taken, v_valid,
                                 v_write, v_addr, v_data, v_corrupt);
      if (all_done) $finish;
    end
    req_ready <= v_req_ready;
    wready <= v_wready;
    rvalid <= v_rvalid;
    rtag <= v_rtag;
    rdata <= v_rdata;
    rlast <= v_rlast;
    rreason <= v_rreason;
    bvalid <= v_bvalid;
    btag <= v_btag;
    breason <= v_breason;
    bus_valid <= v_valid;
    bus_write <= v_write;
    addr <= v_addr;
    data <= v_data;
    corrupt <= v_corrupt;
  end

  logic unused;
  assign unused = ^{addr[31:16], rtag[31:6], rreason[31:3], btag[31:6], breason[31:3]};

endmodule
