// SPDX-License-Identifier: MIT
// Answers to one client: from the three memory ports, and of requests that were refused here. The
// beats of a read's answer stay together. The client takes everything at once.

module sl200_fabric_answer (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Reads: what each port has for this client
  input  logic [2:0]   r_valid_i,
  output logic [2:0]   r_take_o,
  input  logic [3*256-1:0] r_data_i,
  input  logic [3*sl200_pkg::TagWidth-1:0] r_tag_i,
  input  logic [2:0]   r_last_i,
  input  logic [3*2-1:0] r_resp_i,
  input  logic         fail_i,
  input  logic [sl200_pkg::TagWidth-1:0] fail_tag_i,
  input  logic [2:0]   fail_reason_i,
  output logic         fail_take_o,
  // Writes
  input  logic [2:0]   b_valid_i,
  output logic [2:0]   b_take_o,
  input  logic [3*sl200_pkg::TagWidth-1:0] b_tag_i,
  input  logic [3*2-1:0] b_resp_i,
  input  logic         refused_i,
  input  logic [sl200_pkg::TagWidth-1:0] refused_tag_i,
  input  logic [2:0]   refused_reason_i,
  // The client
  output logic         rvalid_o,
  output logic [sl200_pkg::TagWidth-1:0] rtag_o,
  output logic [255:0] rdata_o,
  output logic         rlast_o,
  output logic [2:0]   rreason_o,
  output logic         bvalid_o,
  output logic [sl200_pkg::TagWidth-1:0] btag_o,
  output logic [2:0]   breason_o,
  // A request that was issued has been answered
  output logic         read_done_o,
  output logic         write_done_o
);

  logic [2:0] open_q;     // the port in the middle of an answer
  logic [2:0] r_gnt, b_gnt;

  // Why an access failed that port p did not do.
  function automatic logic [2:0] reason(input logic host, input logic [1:0] resp);
    unique case (resp)
      sl200_pkg::PortError:
        reason = host ? 3'(sl200_abi_pkg::MmuBus) : 3'(sl200_abi_pkg::MmuRange);
      sl200_pkg::PortEcc: reason = sl200_pkg::MemEcc;
      default: reason = 3'd0;
    endcase
  endfunction

  assign fail_take_o = fail_i && open_q == 3'd0;

  sl200_arbiter #(.N(3)) u_read_arbiter (
    .clk_i,
    .rst_ni,
    .req_i(open_q != 3'd0 ? r_valid_i & open_q : r_valid_i & {3{!fail_i}}),
    .advance_i(1'b1),
    .gnt_o(r_gnt)
  );
  assign r_take_o = r_gnt;

  sl200_arbiter #(.N(3)) u_write_arbiter (
    .clk_i,
    .rst_ni,
    .req_i(b_valid_i & {3{!refused_i}}),
    .advance_i(1'b1),
    .gnt_o(b_gnt)
  );
  assign b_take_o = b_gnt;

  assign read_done_o = |(r_gnt & r_last_i);
  assign write_done_o = |b_gnt || refused_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 3'd0;
      rvalid_o <= 1'b0;
      bvalid_o <= 1'b0;
    end else begin
      rvalid_o <= |r_gnt || fail_take_o;
      if (|r_gnt) open_q <= r_gnt & ~r_last_i;
      bvalid_o <= |b_gnt || refused_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fail_take_o) begin
      rtag_o <= fail_tag_i;
      rlast_o <= 1'b1;
      rreason_o <= fail_reason_i;
    end
    for (int unsigned p = 0; p < 3; p++) begin
      if (r_gnt[p]) begin
        rtag_o <= r_tag_i[p*sl200_pkg::TagWidth +: sl200_pkg::TagWidth];
        rdata_o <= r_data_i[p*256 +: 256];
        rlast_o <= r_last_i[p];
        rreason_o <= reason(p == 0, r_resp_i[p*2 +: 2]);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (refused_i) begin
      btag_o <= refused_tag_i;
      breason_o <= refused_reason_i;
    end
    for (int unsigned p = 0; p < 3; p++) begin
      if (b_gnt[p]) begin
        btag_o <= b_tag_i[p*sl200_pkg::TagWidth +: sl200_pkg::TagWidth];
        breason_o <= reason(p == 0, b_resp_i[p*2 +: 2]);
      end
    end
  end

endmodule
