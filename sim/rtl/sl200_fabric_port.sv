// SPDX-License-Identifier: MIT
// Requests and write data to one memory port. Reads come from Sources, of which the first NumClients
// are the clients; the beats of writes follow in the order of the write requests, after them.

module sl200_fabric_port #(
  parameter int unsigned Sources = sl200_pkg::NumClients
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Requests, one each from every source; writes from clients only
  input  logic [Sources-1:0] read_want_i,
  output logic [Sources-1:0] read_gnt_o,
  input  logic [Sources-1:0] read_drop_i,  // granted, but not to be made
  input  logic [sl200_pkg::NumClients-1:0] write_want_i,
  output logic [sl200_pkg::NumClients-1:0] write_gnt_o,
  input  logic [Sources*sl200_pkg::PortReqWidth-1:0] req_i,
  // Beats: of each client, whether its next is for this port, and is there
  input  logic [sl200_pkg::NumClients-1:0] beat_want_i,
  input  logic [sl200_pkg::NumClients-1:0] beat_valid_i,
  input  logic [sl200_pkg::NumClients-1:0] beat_last_i,
  input  logic [sl200_pkg::NumClients*256-1:0] wdata_i,
  output logic [sl200_pkg::NumClients-1:0] beat_gnt_o,
  // The port
  output logic         ar_valid_o,
  input  logic         ar_ready_i,
  output logic [sl200_pkg::PortReqWidth-1:0] ar_o,
  output logic         aw_valid_o,
  input  logic         aw_ready_i,
  output logic [sl200_pkg::PortReqWidth-1:0] aw_o,
  output logic         w_valid_o,
  input  logic         w_ready_i,
  output logic [255:0] w_data_o,
  output logic         w_last_o
);

  localparam int unsigned NumClients = sl200_pkg::NumClients;
  localparam int unsigned ReqWidth = sl200_pkg::PortReqWidth;

  logic ar_free, aw_free, w_free;
  logic [Sources-1:0] read_gnt;
  logic [NumClients-1:0] write_gnt, write_gnt_q, turn;
  logic order_full, order_empty, w_load, aw_valid_q, aw_taken;

  // ---------------------------------------------------------------- reads
  assign ar_free = !ar_valid_o || ar_ready_i;

  sl200_arbiter #(.N(Sources)) u_read_arbiter (
    .clk_i,
    .rst_ni,
    .req_i(read_want_i),
    .advance_i(ar_free),
    .gnt_o(read_gnt)
  );
  assign read_gnt_o = read_gnt & {Sources{ar_free}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) ar_valid_o <= 1'b0;
    else if (ar_free) ar_valid_o <= |(read_gnt & ~read_drop_i);
  end

  always_ff @(posedge clk_i) begin
    if (ar_free && |read_gnt) begin
      for (int unsigned s = 0; s < Sources; s++) begin
        if (read_gnt[s]) ar_o <= req_i[s*ReqWidth +: ReqWidth];
      end
    end
  end

  // ---------------------------------------------------------------- write requests
  // A request goes out when there is a place for it in the order of the beats.
  assign aw_valid_o = aw_valid_q && !order_full;
  assign aw_taken = aw_valid_o && aw_ready_i;
  assign aw_free = !aw_valid_q || aw_taken;

  sl200_arbiter #(.N(NumClients)) u_write_arbiter (
    .clk_i,
    .rst_ni,
    .req_i(write_want_i),
    .advance_i(aw_free),
    .gnt_o(write_gnt)
  );
  assign write_gnt_o = write_gnt & {NumClients{aw_free}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) aw_valid_q <= 1'b0;
    else if (aw_free) aw_valid_q <= |write_gnt;
  end

  always_ff @(posedge clk_i) begin
    if (aw_free && |write_gnt) begin
      write_gnt_q <= write_gnt;
      for (int unsigned c = 0; c < NumClients; c++) begin
        if (write_gnt[c]) aw_o <= req_i[c*ReqWidth +: ReqWidth];
      end
    end
  end

  // ---------------------------------------------------------------- beats
  sl200_fabric_fifo #(
    .Width(NumClients),
    .Depth(16)
  ) u_order (
    .clk_i,
    .rst_ni,
    .push_i(aw_taken),
    .data_i(write_gnt_q),
    .pop_i(w_load && |(beat_gnt_o & beat_last_i)),
    .head_o(turn),
    .full_o(order_full),
    .empty_o(order_empty)
  );

  assign w_free = !w_valid_o || w_ready_i;
  assign beat_gnt_o = w_free && !order_empty ? turn & beat_want_i : '0;
  assign w_load = |(beat_gnt_o & beat_valid_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) w_valid_o <= 1'b0;
    else if (w_free) w_valid_o <= w_load;
  end

  always_ff @(posedge clk_i) begin
    if (w_load) begin
      w_last_o <= |(beat_gnt_o & beat_last_i);
      for (int unsigned c = 0; c < NumClients; c++) begin
        if (beat_gnt_o[c]) w_data_o <= wdata_i[c*256 +: 256];
      end
    end
  end

endmodule
