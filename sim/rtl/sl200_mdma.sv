// SPDX-License-Identifier: MIT
// The MCU's own DMA: one transfer at a time between the TCM and an address space, card DRAM or flash
// (docs/hardware.md, chapter 15).

module sl200_mdma (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  sl200_pkg::reg_req_t bus_req_i,
  output logic [31:0]         bus_rdata_o,
  // TCM client.
  output logic                tcm_req_o,
  output logic                tcm_we_o,
  output logic [14:0]         tcm_addr_o,
  output logic [63:0]         tcm_wdata_o,
  output logic [7:0]          tcm_be_o,
  input  logic                tcm_gnt_i,
  input  logic [63:0]         tcm_rdata_i,
  // Fabric client.
  output logic                req_valid_o,
  output sl200_pkg::mem_req_t req_o,
  input  logic                req_ready_i,
  output logic                wvalid_o,
  output logic [255:0]        wdata_o,
  input  logic                wready_i,
  input  logic                rvalid_i,
  input  logic [5:0]          rtag_i,
  input  logic [255:0]        rdata_i,
  input  logic                rlast_i,
  input  logic [2:0]          rreason_i,
  input  logic                bvalid_i,
  input  logic [5:0]          btag_i,
  input  logic [2:0]          breason_i,
  // Fault injection: the next write of a completion's size to an address space is spoilt.
  input  logic                inject_corrupt_i,
  output logic                inject_corrupt_taken_o,
  output logic                idle_o,
  output logic                probe_read_o,      // pulses: a read began; a write is in memory
  output logic                probe_written_o
);

  localparam logic [31:0] LenMax = 32'd65536;
  localparam logic [31:0] TcmSize = sl200_abi_pkg::McuTcmSize;
  localparam int unsigned TagBits = 3;

  localparam logic [15:0] OffAddrLo = 16'(sl200_regs_pkg::MdmaAddrLoAddr);
  localparam logic [15:0] OffAddrHi = 16'(sl200_regs_pkg::MdmaAddrHiAddr);
  localparam logic [15:0] OffSpace = 16'(sl200_regs_pkg::MdmaSpaceAddr);
  localparam logic [15:0] OffTcm = 16'(sl200_regs_pkg::MdmaTcmAddr);
  localparam logic [15:0] OffLen = 16'(sl200_regs_pkg::MdmaLenAddr);
  localparam logic [15:0] OffCmd = 16'(sl200_regs_pkg::MdmaCmdAddr);
  localparam logic [15:0] OffStatus = 16'(sl200_regs_pkg::MdmaStatusAddr);

  // ---------------------------------------------------------------- registers
  logic [63:0] addr_q;
  logic [31:0] space_q, tcm_q, len_q, status;
  logic [1:0]  kind;
  logic        busy_q, error_q, write_q;
  logic        cmd, cmd_read, cmd_write, good, start_read, start_write;
  logic        rd_done, rd_error, wr_done, wr_error;

  assign kind = space_q[sl200_regs_pkg::MdmaSpaceKindLsb +: 2];
  assign cmd = bus_req_i.valid && bus_req_i.write && bus_req_i.addr == OffCmd && !busy_q;
  assign cmd_read = cmd && bus_req_i.wdata == sl200_regs_pkg::MdmaCmdRead;
  assign cmd_write = cmd && bus_req_i.wdata == sl200_regs_pkg::MdmaCmdWrite;
  assign good = len_q != '0 && len_q <= LenMax && tcm_q <= TcmSize && len_q <= TcmSize - tcm_q &&
                (kind == sl200_pkg::SpaceIova || kind == sl200_pkg::SpaceDram ||
                 kind == sl200_pkg::SpaceFlash);
  assign start_read = cmd_read && good;
  assign start_write = cmd_write && good;

  always_comb begin
    status = '0;
    status[sl200_regs_pkg::MdmaStatusBusyLsb] = busy_q;
    status[sl200_regs_pkg::MdmaStatusErrorLsb] = error_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      bus_rdata_o <= '0;
    end else if (bus_req_i.valid && !bus_req_i.write) begin
      unique case (bus_req_i.addr)
        OffAddrLo: bus_rdata_o <= addr_q[31:0];
        OffAddrHi: bus_rdata_o <= addr_q[63:32];
        OffSpace: bus_rdata_o <= space_q;
        OffTcm: bus_rdata_o <= tcm_q;
        OffLen: bus_rdata_o <= len_q;
        OffStatus: bus_rdata_o <= status;
        default: bus_rdata_o <= '0;
      endcase
    end else begin
      bus_rdata_o <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      addr_q <= '0;
      space_q <= '0;
      tcm_q <= '0;
      len_q <= '0;
    end else if (bus_req_i.valid && bus_req_i.write) begin
      unique case (bus_req_i.addr)
        OffAddrLo: addr_q[31:0] <= bus_req_i.wdata;
        OffAddrHi: addr_q[63:32] <= bus_req_i.wdata;
        OffSpace: space_q <= bus_req_i.wdata;
        OffTcm: tcm_q <= bus_req_i.wdata;
        OffLen: len_q <= bus_req_i.wdata;
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      error_q <= 1'b0;
      write_q <= 1'b0;
    end else if (cmd_read || cmd_write) begin
      busy_q <= good;
      error_q <= !good;
      write_q <= cmd_write;
    end else if (rd_done || wr_done) begin
      busy_q <= 1'b0;
      error_q <= rd_error || wr_error;
    end
  end

  assign idle_o = !busy_q;
  assign probe_read_o = start_read;
  assign probe_written_o = wr_done && !wr_error;

  // A completion of which only the last word, with its phase, is right.
  assign inject_corrupt_taken_o = start_write && inject_corrupt_i && kind == sl200_pkg::SpaceIova &&
                                  len_q == 32'(sl200_abi_pkg::CqeSize);

  // ---------------------------------------------------------------- the two directions
  logic               rd_tcm_req, wr_tcm_req;
  logic [14:0]        rd_tcm_addr, wr_tcm_addr;
  logic               rd_valid, wr_valid, grant;
  logic [63:0]        rd_addr, wr_addr;
  logic [8:0]         rd_len, wr_len;
  logic [TagBits-1:0] rd_tag;

  sl200_mdma_read #(.TagBits(TagBits)) u_read (
    .clk_i,
    .rst_ni,
    .start_i(start_read),
    .addr_i(addr_q),
    .tcm_i(tcm_q[17:0]),
    .len_i(len_q[16:0]),
    .done_o(rd_done),
    .error_o(rd_error),
    .tcm_req_o(rd_tcm_req),
    .tcm_addr_o(rd_tcm_addr),
    .tcm_wdata_o,
    .tcm_be_o,
    .tcm_gnt_i(tcm_gnt_i && rd_tcm_req),
    .req_valid_o(rd_valid),
    .req_addr_o(rd_addr),
    .req_len_o(rd_len),
    .req_tag_o(rd_tag),
    .req_ready_i(grant),
    .rvalid_i,
    .rtag_i(rtag_i[TagBits-1:0]),
    .rdata_i,
    .rlast_i,
    .rreason_i
  );

  sl200_mdma_write u_write (
    .clk_i,
    .rst_ni,
    .start_i(start_write),
    .addr_i(addr_q),
    .tcm_i(tcm_q[17:0]),
    .len_i(len_q[16:0]),
    .corrupt_i(inject_corrupt_taken_o),
    .done_o(wr_done),
    .error_o(wr_error),
    .tcm_req_o(wr_tcm_req),
    .tcm_addr_o(wr_tcm_addr),
    .tcm_gnt_i(tcm_gnt_i && wr_tcm_req),
    .tcm_rdata_i,
    .req_valid_o(wr_valid),
    .req_addr_o(wr_addr),
    .req_len_o(wr_len),
    .req_ready_i(grant),
    .req_accepted_i(req_valid_o && req_ready_i && req_o.write),
    .wvalid_o,
    .wdata_o,
    .wready_i,
    .bvalid_i,
    .breason_i
  );

  assign tcm_req_o = rd_tcm_req || wr_tcm_req;
  assign tcm_we_o = rd_tcm_req;
  assign tcm_addr_o = rd_tcm_req ? rd_tcm_addr : wr_tcm_addr;

  // Only one direction is ever at work.
  assign grant = (rd_valid || wr_valid) && (!req_valid_o || req_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_o <= 1'b0;
    end else if (grant) begin
      req_valid_o <= 1'b1;
      req_o.write <= write_q;
      req_o.space <= kind;
      req_o.asid <= space_q[sl200_regs_pkg::MdmaSpaceAsidLsb +: 16];
      req_o.addr <= write_q ? wr_addr : rd_addr;
      req_o.len <= write_q ? wr_len : rd_len;
      req_o.tag <= write_q ? '0 : sl200_pkg::TagWidth'(rd_tag);
    end else if (req_ready_i) begin
      req_valid_o <= 1'b0;
    end
  end

  logic unused;
  assign unused = ^{rtag_i[5:TagBits], btag_i};

endmodule
