// SPDX-License-Identifier: MIT
// The request of one client that is next to be issued. It waits here for its translation and for
// its port, so that others can go on. The last translation for reading and the last for writing are
// kept, so that all requests of a page but the first go to the port the cycle after they came.

module sl200_fabric_slot (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        bus_master_i,
  input  logic        accept_i,     // new requests may come
  input  logic        hold_i,       // nothing may be issued
  input  logic        flush_i,      // what was translated counts no more; with hold_i
  input  logic [63:0] dram_size_i,
  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  sl200_pkg::mem_req_t req_i,
  // Translation. A leaf is { address of the 4 KiB page [51:12], DRAM, WRITE, READ }.
  output logic        look_valid_o,
  output logic [15:0] look_asid_o,
  output logic [51:0] look_page_o,
  output logic        look_next_o,  // the page after the one before
  input  logic        look_gnt_i,
  input  logic        res_valid_i,
  input  logic        res_park_i,   // ask again after wake_i
  input  logic [2:0]  res_reason_i,
  input  logic [42:0] res_leaf_i,
  input  logic        wake_i,
  // Issue
  output logic        go_o,
  output logic        write_o,
  output logic [1:0]  port_o,
  output logic [63:0] addr_o,
  output logic [8:0]  len_o,
  output logic [sl200_pkg::TagWidth-1:0] tag_o,
  input  logic        issued_i,
  input  logic        poisoned_i,   // not issued: an injected error of the DRAM
  // Failure
  output logic        fail_o,
  output logic [2:0]  reason_o,
  input  logic        failed_i,     // taken
  output logic        fault_o,      // pulse: a translation was refused
  output logic        busy_o
);

  typedef enum logic [2:0] {
    StEmpty, StLook, StWait, StPark, StGo, StFail
  } state_e;

  localparam logic [1:0] PortHost = 2'd0;
  localparam logic [1:0] PortDram = 2'd1;
  localparam logic [1:0] PortFlash = 2'd2;

  state_e              state_q;
  sl200_pkg::mem_req_t req_q;
  logic                iova_q, translated_q;
  logic [1:0]          port_q;
  logic [51:0]         page_q;     // of the address at the port
  logic [2:0]          reason_q;
  logic                next_q;

  // The last translations: from whom, of which page, to where.
  logic                rd_valid_q, wr_valid_q, rd_dram_q, wr_dram_q;
  logic [15:0]         rd_asid_q, wr_asid_q;
  logic [51:0]         rd_page_q, wr_page_q;
  logic [39:0]         rd_to_q, wr_to_q;

  logic take, match, next, out_of_master;
  logic [51:0] in_page;

  assign out_of_master = iova_q && !bus_master_i;

  assign busy_o = state_q != StEmpty;
  assign look_valid_o = state_q == StLook;
  assign look_asid_o = req_q.asid;
  assign look_page_o = req_q.addr[63:12];
  assign look_next_o = next_q;
  assign go_o = state_q == StGo && !hold_i && !out_of_master;
  assign write_o = req_q.write;
  assign port_o = port_q;
  assign addr_o = {page_q, req_q.addr[11:0]};
  assign len_o = req_q.len;
  assign tag_o = req_q.tag;
  assign fail_o = state_q == StFail;
  assign reason_o = reason_q;
  assign fault_o = fail_o && failed_i && iova_q && reason_q != sl200_pkg::MemEcc;

  assign req_ready_o = accept_i && (state_q == StEmpty || issued_i || failed_i);
  assign take = req_valid_i && req_ready_o;

  always_comb begin
    match = 1'b0;
    next = 1'b0;
    in_page = req_i.addr[63:12];
    if (take) begin
      if (req_i.write) begin
        match = wr_valid_q && wr_asid_q == req_i.asid && wr_page_q == in_page;
        next = wr_asid_q == req_i.asid && wr_page_q + 52'd1 == in_page;
      end else begin
        match = rd_valid_q && rd_asid_q == req_i.asid && rd_page_q == in_page;
        next = rd_asid_q == req_i.asid && rd_page_q + 52'd1 == in_page;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StEmpty;
      rd_valid_q <= 1'b0;
      wr_valid_q <= 1'b0;
    end else begin
      unique case (state_q)
        StLook: begin
          if (look_gnt_i) state_q <= StWait;
        end
        StWait: begin
          if (res_valid_i) begin
            page_q <= {12'd0, res_leaf_i[42:3]};
            port_q <= res_leaf_i[2] ? PortDram : PortHost;
            reason_q <= res_reason_i;
            translated_q <= 1'b1;
            if (res_park_i) begin
              state_q <= StPark;
            end else if (res_reason_i != 3'd0) begin
              state_q <= StFail;
            end else if (res_leaf_i[2] && {12'd0, res_leaf_i[42:3]} >= dram_size_i[63:12]) begin
              state_q <= StFail;
              reason_q <= 3'(sl200_abi_pkg::MmuRange);
            end else if (!(req_q.write ? res_leaf_i[1] : res_leaf_i[0])) begin
              state_q <= StFail;
              reason_q <= 3'(sl200_abi_pkg::MmuPermission);
            end else begin
              state_q <= StGo;
              if (req_q.write) begin
                wr_valid_q <= 1'b1;
                wr_asid_q <= req_q.asid;
                wr_page_q <= req_q.addr[63:12];
                wr_to_q <= res_leaf_i[42:3];
                wr_dram_q <= res_leaf_i[2];
              end else begin
                rd_valid_q <= 1'b1;
                rd_asid_q <= req_q.asid;
                rd_page_q <= req_q.addr[63:12];
                rd_to_q <= res_leaf_i[42:3];
                rd_dram_q <= res_leaf_i[2];
              end
            end
          end
        end
        StPark: begin
          if (wake_i) state_q <= StLook;
        end
        StGo: begin
          if (issued_i) begin
            state_q <= StEmpty;
          end else if (poisoned_i) begin
            state_q <= StFail;
            reason_q <= sl200_pkg::MemEcc;
          end else if (out_of_master) begin
            state_q <= StFail;
            reason_q <= 3'(sl200_abi_pkg::MmuBus);
          end else if (flush_i && translated_q) begin
            state_q <= StLook;
          end
        end
        StFail: begin
          if (failed_i) state_q <= StEmpty;
        end
        default: ;
      endcase

      if (take) begin
        req_q <= req_i;
        iova_q <= 1'b0;
        translated_q <= 1'b0;
        page_q <= in_page;
        next_q <= next;
        unique case (req_i.space)
          sl200_pkg::SpaceIova: begin
            iova_q <= 1'b1;
            port_q <= PortHost;
            if (req_i.asid == 16'd0) begin
              state_q <= StGo;
            end else if (match && !flush_i) begin
              state_q <= StGo;
              translated_q <= 1'b1;
              page_q <= {12'd0, req_i.write ? wr_to_q : rd_to_q};
              port_q <= (req_i.write ? wr_dram_q : rd_dram_q) ? PortDram : PortHost;
            end else begin
              state_q <= StLook;
            end
          end
          sl200_pkg::SpaceDram: begin
            // The port knows of an end inside the request.
            state_q <= req_i.addr < dram_size_i ? StGo : StFail;
            port_q <= PortDram;
            reason_q <= 3'(sl200_abi_pkg::MmuRange);
          end
          default: begin
            state_q <= req_i.space == sl200_pkg::SpaceFlash &&
                req_i.addr < 64'(sl200_abi_pkg::FlashSize) ? StGo : StFail;
            port_q <= PortFlash;
            reason_q <= 3'(sl200_abi_pkg::MmuRange);
          end
        endcase
      end

      if (flush_i) begin
        rd_valid_q <= 1'b0;
        wr_valid_q <= 1'b0;
      end
    end
  end

  logic unused_space;  // says port_q and iova_q
  assign unused_space = ^req_q.space;

endmodule
