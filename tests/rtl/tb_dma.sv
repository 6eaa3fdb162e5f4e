// SPDX-License-Identifier: MIT
// The dma and the crc engine, each in a slot, before a stand-in for the fabric (dma_mem.c); the test
// itself is dma_ref.c.

module tb (
  input logic clk_i
);

  import "DPI-C" function void dma_ref_start(input int seed);
  import "DPI-C" function longint unsigned dma_ref_tcm(
    input int client, input bit write, input int word, input byte unsigned be,
    input longint unsigned data);
  import "DPI-C" function bit dma_ref_cycle(
    input int client, input int unsigned bus_rdata, input int unsigned reg_rdata, input bit done,
    input bit idle, input bit engine_reset, input bit hang_taken, input bit error_taken,
    output bit bus_valid, output bit reg_valid, output bit write, output int unsigned addr,
    output int unsigned wdata, output bit hang, output bit error, output bit reset);
  import "DPI-C" function void dma_mem_cycle(
    input int client, input bit req, input bit write, input int space, input int asid,
    input longint unsigned addr, input int len, input int tag, input bit wdata_valid,
    input bit [255:0] wdata, output bit req_ready, output bit wready, output bit rvalid,
    output int rtag, output bit [255:0] rdata, output bit rlast, output int rreason,
    output bit bvalid, output int btag, output int breason);

  localparam int unsigned Engines = 2;
  localparam int unsigned Tick = 3;

  int unsigned cycle_q;
  logic [63:0] time_q;
  logic        rst_n;

  assign rst_n = cycle_q > 32'd4;

  initial begin
    int seed;
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    dma_ref_start(seed);
  end

  always_ff @(posedge clk_i) begin
    if (cycle_q < 32'd100) cycle_q <= cycle_q + 32'd1;
    time_q <= time_q + 64'(Tick);
  end

  for (genvar n = 0; n < Engines; n++) begin : gen_engine
    sl200_pkg::reg_req_t  bus_req, reg_req;
    sl200_pkg::mem_req_t  req;
    sl200_pkg::job_end_t  job_end;
    logic [31:0]  bus_rdata, reg_rdata;
    logic         tcm_req, tcm_we, tcm_gnt, tcm_ready;
    logic [14:0]  tcm_addr, job_tcm_addr;
    logic [63:0]  tcm_wdata, tcm_rdata;
    logic [7:0]   tcm_be;
    logic         job_start, job_abort, job_idle, job_end_valid, stall_in, stall_out;
    logic         job_tcm_req, job_tcm_gnt, done, engine_reset, idle, hang_taken, error_taken;
    logic [15:0]  job_asid, job_read, job_written;
    logic [17:0]  job_addr;
    logic         req_valid, wvalid;
    logic [255:0] wdata;
    bit           req_ready, wready, rvalid, rlast, bvalid, hang, error, reset, all_done;
    bit           bus_valid, reg_valid, write;
    int unsigned  addr, data;
    int           rtag, rreason, btag, breason;
    bit [255:0]   rdata;

    sl200_engine_slot #(
      .Index(n),
      .Kind(n == 0 ? sl200_abi_pkg::EngineDma : sl200_abi_pkg::EngineCrc)
    ) u_slot (
      .clk_i,
      .rst_ni(rst_n && !reset),
      .rst_chip_ni(rst_n),
      .time_i(time_q),
      .bus_req_i(bus_req),
      .bus_rdata_o(bus_rdata),
      .reg_req_i(reg_req),
      .reg_rdata_o(reg_rdata),
      .tcm_req_o(tcm_req),
      .tcm_we_o(tcm_we),
      .tcm_addr_o(tcm_addr),
      .tcm_wdata_o(tcm_wdata),
      .tcm_be_o(tcm_be),
      .tcm_gnt_i(tcm_gnt),
      .job_start_o(job_start),
      .job_asid_o(job_asid),
      .job_addr_o(job_addr),
      .job_abort_o(job_abort),
      .job_idle_i(job_idle),
      .job_end_valid_i(job_end_valid),
      .job_end_i(job_end),
      .job_read_i(job_read),
      .job_written_i(job_written),
      .job_stall_in_i(stall_in),
      .job_stall_out_i(stall_out),
      .job_tcm_req_i(job_tcm_req),
      .job_tcm_addr_i(job_tcm_addr),
      .job_tcm_gnt_o(job_tcm_gnt),
      .done_o(done),
      .engine_reset_o(engine_reset),
      .idle_o(idle),
      .inject_hang_i(hang),
      .inject_error_i(error),
      .inject_hang_taken_o(hang_taken),
      .inject_error_taken_o(error_taken)
    );

    if (n == 0) begin : gen_dma
      sl200_dma u_engine (
        .clk_i,
        .rst_ni(rst_n && !reset),
        .job_start_i(job_start),
        .job_asid_i(job_asid),
        .job_addr_i(job_addr),
        .job_abort_i(job_abort),
        .job_idle_o(job_idle),
        .job_end_valid_o(job_end_valid),
        .job_end_o(job_end),
        .job_read_o(job_read),
        .job_written_o(job_written),
        .job_stall_in_o(stall_in),
        .job_stall_out_o(stall_out),
        .job_tcm_req_o(job_tcm_req),
        .job_tcm_addr_o(job_tcm_addr),
        .job_tcm_gnt_i(job_tcm_gnt),
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
        .breason_i(breason[2:0])
      );
    end else begin : gen_crc
      sl200_crc u_engine (
        .clk_i,
        .rst_ni(rst_n && !reset),
        .job_start_i(job_start),
        .job_asid_i(job_asid),
        .job_addr_i(job_addr),
        .job_abort_i(job_abort),
        .job_idle_o(job_idle),
        .job_end_valid_o(job_end_valid),
        .job_end_o(job_end),
        .job_read_o(job_read),
        .job_written_o(job_written),
        .job_stall_in_o(stall_in),
        .job_stall_out_o(stall_out),
        .job_tcm_req_o(job_tcm_req),
        .job_tcm_addr_o(job_tcm_addr),
        .job_tcm_gnt_i(job_tcm_gnt),
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
        .breason_i(breason[2:0])
      );
    end

    assign bus_req.valid = bus_valid;
    assign bus_req.write = write;
    assign bus_req.addr = addr[15:0];
    assign bus_req.wdata = data;
    assign reg_req.valid = reg_valid;
    assign reg_req.write = write;
    assign reg_req.addr = addr[15:0];
    assign reg_req.wdata = data;
    assign tcm_gnt = tcm_req && tcm_ready;

    always_ff @(posedge clk_i) begin
      tcm_ready <= $urandom_range(3) != 0;
      if (tcm_gnt) begin
        tcm_rdata <= dma_ref_tcm(n, tcm_we, int'(tcm_addr), tcm_be, tcm_wdata);
      end else begin
        tcm_rdata <= {$urandom, $urandom};
      end
    end

    bit           v_req_ready, v_wready, v_rvalid, v_rlast, v_bvalid, v_hang, v_error, v_reset;
    bit           v_bus_valid, v_reg_valid, v_write;
    int unsigned  v_addr, v_data;
    int           v_rtag, v_rreason, v_btag, v_breason;
    bit [255:0]   v_rdata;

    always_ff @(posedge clk_i) begin
      if (rst_n) begin
        dma_mem_cycle(n, req_valid && req_ready, req.write, int'(req.space), int'(req.asid),
                      req.addr, int'(req.len), int'(req.tag), wvalid && wready, wdata, v_req_ready,
                      v_wready, v_rvalid, v_rtag, v_rdata, v_rlast, v_rreason, v_bvalid, v_btag,
                      v_breason);
        all_done <= dma_ref_cycle(n, bus_rdata, reg_rdata, done, idle, engine_reset, hang_taken,
                                  error_taken, v_bus_valid, v_reg_valid, v_write, v_addr, v_data,
                                  v_hang, v_error, v_reset);
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
      bus_valid <= v_bus_valid;
      reg_valid <= v_reg_valid;
      write <= v_write;
      addr <= v_addr;
      data <= v_data;
      hang <= v_hang;
      error <= v_error;
      reset <= v_reset;
    end

    logic unused;
    assign unused = ^{addr[31:16], rtag[31:6], rreason[31:3], btag[31:6], breason[31:3]};
  end

endmodule
