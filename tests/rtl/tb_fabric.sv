// SPDX-License-Identifier: MIT
// Runs the fabric against clients, memories, page tables and an MCU that are in fabric_ref.c: each
// clock edge tells it what the fabric showed and takes what it shall see next.

module tb (
  input logic clk_i
);

  localparam int unsigned Clients = sl200_pkg::NumClients;

  import "DPI-C" function void fabric_start(input int unsigned seed);
  import "DPI-C" function bit fabric_see(
    input bit [Clients-1:0] req_ready, input bit [Clients-1:0] wready,
    input bit [Clients-1:0] rvalid, input bit [Clients*6-1:0] rtag,
    input bit [Clients*256-1:0] rdata, input bit [Clients-1:0] rlast,
    input bit [Clients*3-1:0] rreason, input bit [Clients-1:0] bvalid,
    input bit [Clients*6-1:0] btag, input bit [Clients*3-1:0] breason,
    input bit [2:0] ar_valid, input bit [3*sl200_pkg::PortReqWidth-1:0] ar,
    input bit [2:0] r_ready, input bit [2:0] aw_valid,
    input bit [3*sl200_pkg::PortReqWidth-1:0] aw, input bit [2:0] w_valid,
    input bit [3*256-1:0] w_data, input bit [2:0] w_last, input bit [2:0] b_ready,
    input bit [31:0] bus_rdata, input bit quiesced, input bit idle,
    input bit [63:0] bytes, input bit [6:0] pulses);
  import "DPI-C" function void fabric_show(
    output bit [Clients-1:0] req_valid, output bit [Clients*sl200_pkg::MemReqWidth-1:0] req,
    output bit [Clients-1:0] wvalid, output bit [Clients*256-1:0] wdata,
    output bit [2:0] ar_ready, output bit [2:0] r_valid, output bit [3*256-1:0] r_data,
    output bit [29:0] r_id, output bit [2:0] r_last, output bit [5:0] r_resp,
    output bit [2:0] aw_ready, output bit [2:0] w_ready, output bit [2:0] b_valid,
    output bit [29:0] b_id, output bit [5:0] b_resp, output bit [49:0] bus_req,
    output bit [63:0] dram_size, output bit [3:0] control);

  logic [Clients-1:0] req_valid, req_ready, wvalid, wready, rvalid, rlast, bvalid;
  logic [Clients*sl200_pkg::MemReqWidth-1:0] req;
  logic [Clients*256-1:0] wdata, rdata;
  logic [Clients*6-1:0] rtag, btag;
  logic [Clients*3-1:0] rreason, breason;
  logic [2:0] ar_valid, ar_ready, r_valid, r_ready, r_last, aw_valid, aw_ready;
  logic [2:0] w_valid, w_ready, w_last, b_valid, b_ready;
  logic [3*sl200_pkg::PortReqWidth-1:0] ar, aw;
  logic [3*256-1:0] r_data, w_data;
  logic [29:0] r_id, b_id;
  logic [5:0] r_resp, b_resp;
  sl200_pkg::reg_req_t bus_req;
  logic [31:0] bus_rdata;
  logic [63:0] dram_size;
  logic [3:0] control;   // bus master, quiesce, inject corrected, inject uncorrected
  logic quiesced, idle;
  logic [15:0] link_read, link_write, dram_read, dram_write;
  logic fault, lookup, walk, walking, corrected, uncorrected, taken;

  sl200_fabric u_fabric (
    .clk_i, .rst_ni(rst_n),
    .bus_master_i(control[0]), .quiesce_i(control[1]), .quiesced_o(quiesced), .idle_o(idle),
    .dram_size_i(dram_size), .bus_req_i(bus_req), .bus_rdata_o(bus_rdata),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_i(req),
    .wvalid_i(wvalid), .wready_o(wready), .wdata_i(wdata),
    .rvalid_o(rvalid), .rtag_o(rtag), .rdata_o(rdata), .rlast_o(rlast), .rreason_o(rreason),
    .bvalid_o(bvalid), .btag_o(btag), .breason_o(breason),
    .ar_valid_o(ar_valid), .ar_ready_i(ar_ready), .ar_o(ar),
    .r_valid_i(r_valid), .r_ready_o(r_ready), .r_data_i(r_data), .r_id_i(r_id),
    .r_last_i(r_last), .r_resp_i(r_resp),
    .aw_valid_o(aw_valid), .aw_ready_i(aw_ready), .aw_o(aw),
    .w_valid_o(w_valid), .w_ready_i(w_ready), .w_data_o(w_data), .w_last_o(w_last),
    .b_valid_i(b_valid), .b_ready_o(b_ready), .b_id_i(b_id), .b_resp_i(b_resp),
    .link_read_o(link_read), .link_write_o(link_write),
    .dram_read_o(dram_read), .dram_write_o(dram_write),
    .mmu_fault_o(fault), .tlb_lookup_o(lookup), .tlb_walk_o(walk), .tlb_walking_o(walking),
    .ecc_corrected_o(corrected), .ecc_uncorrected_o(uncorrected),
    .inject_ecc_corrected_i(control[2]), .inject_ecc_uncorrected_i(control[3]),
    .inject_ecc_taken_o(taken)
  );

  logic       rst_n;
  logic [3:0] reset_q;
  initial reset_q = '0;
  assign rst_n = &reset_q;

  int unsigned seed;
  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    fabric_start(seed);
  end

  // What fabric_show fills.
  bit [Clients-1:0] n_req_valid, n_wvalid;
  bit [Clients*sl200_pkg::MemReqWidth-1:0] n_req;
  bit [Clients*256-1:0] n_wdata;
  bit [2:0] n_ar_ready, n_r_valid, n_r_last, n_aw_ready, n_w_ready, n_b_valid;
  bit [3*256-1:0] n_r_data;
  bit [29:0] n_r_id, n_b_id;
  bit [5:0] n_r_resp, n_b_resp;
  bit [49:0] n_bus_req;
  bit [63:0] n_dram_size;
  bit [3:0] n_control;

  always @(posedge clk_i) begin
    if (!rst_n) begin
      reset_q <= reset_q + 4'd1;
    end else if (fabric_see(req_ready, wready, rvalid, rtag, rdata, rlast, rreason, bvalid, btag,
                            breason, ar_valid, ar, r_ready, aw_valid, aw, w_valid, w_data, w_last,
                            b_ready, bus_rdata, quiesced, idle,
                            {dram_write, dram_read, link_write, link_read},
                            {taken, uncorrected, corrected, walking, walk, lookup, fault})) begin
      $finish;
    end
    fabric_show(n_req_valid, n_req, n_wvalid, n_wdata, n_ar_ready, n_r_valid, n_r_data, n_r_id,
                n_r_last, n_r_resp, n_aw_ready, n_w_ready, n_b_valid, n_b_id, n_b_resp, n_bus_req,
                n_dram_size, n_control);
    req_valid <= n_req_valid;
    req <= n_req;
    wvalid <= n_wvalid;
    wdata <= n_wdata;
    ar_ready <= n_ar_ready;
    r_valid <= n_r_valid;
    r_data <= n_r_data;
    r_id <= n_r_id;
    r_last <= n_r_last;
    r_resp <= n_r_resp;
    aw_ready <= n_aw_ready;
    w_ready <= n_w_ready;
    b_valid <= n_b_valid;
    b_id <= n_b_id;
    b_resp <= n_b_resp;
    bus_req <= n_bus_req;
    dram_size <= n_dram_size;
    control <= n_control;
  end

endmodule
