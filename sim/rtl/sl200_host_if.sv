// SPDX-License-Identifier: MIT
// The host's accesses to the BARs, one at a time: checked, then made on the register bus, to the
// doorbells, or to card DRAM through the aperture.

module sl200_host_if (
  input  logic        clk_i,
  input  logic        rst_ni,
  // The host.
  input  logic        host_valid_i,
  input  logic        host_write_i,
  input  logic [2:0]  host_bar_i,
  input  logic [27:0] host_addr_i,
  input  logic [3:0]  host_size_i,
  input  logic [63:0] host_wdata_i,
  output logic        host_ready_o,
  output logic        host_done_o,
  output logic        host_error_o,
  output logic [63:0] host_rdata_o,
  // Resets: no new access while block_i, no answer to a write while busy_i.
  input  logic        block_i,
  input  logic        busy_i,
  output logic        idle_o,
  input  logic        all_ones_i,      // the BARs are off the bus
  // Register bus.
  output sl200_pkg::reg_req_t reg_req_o,
  input  logic [31:0] reg_rdata_i,
  // Doorbells: a write somewhere in BAR2.
  output logic        db_valid_o,
  output logic [19:0] db_addr_o,
  output logic        db_word_o,       // of four bytes
  output logic [31:0] db_wdata_o,
  // Aperture.
  input  logic [63:0] aperture_i,
  input  logic [63:0] dram_size_i,
  output logic        ap_req_valid_o,
  output sl200_pkg::mem_req_t ap_req_o,
  input  logic        ap_req_ready_i,
  output logic        ap_wvalid_o,
  output logic [255:0] ap_wdata_o,
  input  logic        ap_wready_i,
  input  logic        ap_rvalid_i,
  input  logic [255:0] ap_rdata_i,
  input  logic [2:0]  ap_rreason_i,
  input  logic        ap_bvalid_i,
  input  logic [2:0]  ap_breason_i
);

  localparam logic [2:0] BarRegs = 3'd0;
  localparam logic [2:0] BarDoorbells = 3'd2;
  localparam logic [2:0] BarAperture = 3'd4;
  localparam logic [3:0] SizeWord = 4'd4;
  localparam logic [3:0] SizeDouble = 4'd8;

  typedef enum logic [2:0] {
    StIdle,
    StDecode,
    StAnswer,     // of the register bus
    StCheck,      // the card address of an aperture access
    StRequest,
    StData,
    StWait
  } state_e;

  state_e      state_q;
  logic        write_q;
  logic [2:0]  bar_q;
  logic [27:0] addr_q;
  logic [3:0]  size_q;
  logic [63:0] wdata_q;
  logic [64:0] card_addr_q;

  logic in_bar, aligned, valid;

  always_comb begin
    unique case (bar_q)
      BarRegs:      in_bar = addr_q[27:16] == '0;
      BarDoorbells: in_bar = addr_q[27:20] == '0;
      BarAperture:  in_bar = 1'b1;
      default:      in_bar = 1'b0;
    endcase
    aligned = ((size_q == SizeWord) && (addr_q[1:0] == '0)) ||
              ((size_q == SizeDouble) && (addr_q[2:0] == '0) && (bar_q == BarAperture));
    valid = in_bar && aligned;
  end

  assign reg_req_o.valid = (state_q == StDecode) && valid && !all_ones_i && (bar_q == BarRegs);
  assign reg_req_o.write = write_q;
  assign reg_req_o.addr = addr_q[15:0];
  assign reg_req_o.wdata = wdata_q[31:0];

  // Writes of a wrong size or place go there too: they are counted.
  assign db_valid_o = (state_q == StDecode) && in_bar && !all_ones_i && (bar_q == BarDoorbells) &&
                      write_q;
  assign db_addr_o = addr_q[19:0];
  assign db_word_o = size_q == SizeWord;
  assign db_wdata_o = wdata_q[31:0];

  assign ap_req_valid_o = state_q == StRequest;
  assign ap_req_o.write = write_q;
  assign ap_req_o.space = sl200_pkg::SpaceDram;
  assign ap_req_o.asid = '0;
  assign ap_req_o.addr = card_addr_q[63:0];
  assign ap_req_o.len = 9'(size_q);
  assign ap_req_o.tag = '0;
  assign ap_wvalid_o = state_q == StData;
  // The lane is right in every copy.
  assign ap_wdata_o = (size_q == SizeWord) ? {8{wdata_q[31:0]}} : {4{wdata_q}};

  always_ff @(posedge clk_i) begin
    host_done_o <= 1'b0;
    if (!rst_ni) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (host_valid_i && !block_i) begin
            state_q <= StDecode;
            write_q <= host_write_i;
            bar_q <= host_bar_i;
            addr_q <= host_addr_i;
            size_q <= host_size_i;
            wdata_q <= host_wdata_i;
          end
        end
        StDecode: begin
          host_error_o <= all_ones_i || !valid;
          // What a read that fails reads as; those that succeed overwrite it.
          host_rdata_o <= {(valid && (size_q == SizeWord)) ? 32'h0 : 32'hffff_ffff, 32'hffff_ffff};
          if (all_ones_i || !valid) begin
            state_q <= StIdle;
            host_done_o <= 1'b1;
          end else if (bar_q == BarRegs) begin
            state_q <= StAnswer;
          end else if (bar_q == BarAperture) begin
            state_q <= StCheck;
            card_addr_q <= {1'b0, aperture_i} + 65'(addr_q);
          end else begin
            state_q <= StIdle;
            host_done_o <= 1'b1;
            host_rdata_o <= '0;  // doorbells keep nothing to read
          end
        end
        StAnswer: begin
          if (!write_q || !busy_i) begin
            state_q <= StIdle;
            host_done_o <= 1'b1;
            host_rdata_o <= {32'h0, reg_rdata_i};
          end
        end
        StCheck: begin
          if (card_addr_q >= {1'b0, dram_size_i}) begin
            state_q <= StIdle;
            host_done_o <= 1'b1;
            host_error_o <= 1'b1;
          end else begin
            state_q <= StRequest;
          end
        end
        StRequest: begin
          if (ap_req_ready_i) state_q <= write_q ? StData : StWait;
        end
        StData: begin
          if (ap_wready_i) state_q <= StWait;
        end
        default: begin
          if (ap_bvalid_i || ap_rvalid_i) begin
            state_q <= StIdle;
            host_done_o <= 1'b1;
            host_error_o <= write_q ? (ap_breason_i != '0) : (ap_rreason_i != '0);
            if (ap_rvalid_i && (ap_rreason_i == '0)) begin
              host_rdata_o <= ap_rdata_i[{card_addr_q[4:3], 6'h0} +: 64];
              if (size_q == SizeWord) begin
                host_rdata_o <= {32'h0, ap_rdata_i[{card_addr_q[4:2], 5'h0} +: 32]};
              end
            end
          end
        end
      endcase
    end
  end

  assign idle_o = state_q == StIdle;
  assign host_ready_o = (state_q == StIdle) && !block_i;

endmodule
