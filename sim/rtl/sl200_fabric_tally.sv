// SPDX-License-Identifier: MIT
// Counts the bytes that one memory port moved for clients: the length of a request, kept here by its
// id, counts when the request has been answered well. Page tables are not counted, as in the
// functional model.

module sl200_fabric_tally (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        issue_i,
  input  sl200_pkg::port_req_t req_i,
  input  logic        done_i,       // answered, and well
  input  logic [sl200_pkg::IdWidth-1:0] id_i,
  output logic [15:0] bytes_o
);

  // Ids of clients; the walker's is the last.
  localparam int unsigned IndexWidth = $clog2(sl200_pkg::NumClients) + sl200_pkg::TagWidth;

  logic       counted, done_q;
  logic [8:0] len;

  assign counted = done_i && id_i[sl200_pkg::IdWidth-1 -: 4] != sl200_pkg::WalkerId;

  sl200_ram #(
    .Width(9),
    .Depth(1 << IndexWidth)
  ) u_len (
    .clk_i,
    .re_i(counted),
    .raddr_i(id_i[IndexWidth-1:0]),
    .rdata_o(len),
    .we_i(issue_i && req_i.id[sl200_pkg::IdWidth-1 -: 4] != sl200_pkg::WalkerId),
    .be_i(1'b1),
    .waddr_i(req_i.id[IndexWidth-1:0]),
    .wdata_i(req_i.len)
  );

  assign bytes_o = done_q ? 16'(len) : 16'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) done_q <= 1'b0;
    else done_q <= counted;
  end

  logic unused_addr;
  assign unused_addr = ^req_i.addr;

endmodule
