// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli; reflected polynomial 0x82f63b78, all ones at the start, inverted at the end)
// of up to 32 bytes a cycle.
//
// The bytes are put at the top of a block of 32, zeros below: zeros before a message whose register
// starts at 0 change nothing. The register so far is added to the message's first four bytes, or, of
// a message shorter than that, what is left of it to the result.

module sl200_crc32c (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,    // a new message; not together with valid_i
  input  logic         valid_i,
  input  logic [255:0] data_i,     // the first byte in lane 0; lanes from count_i on do not matter
  input  logic [5:0]   count_i,    // 1 to 32
  output logic [31:0]  crc_o       // of all bytes so far
);

  localparam logic [31:0] Polynomial = 32'h82f63b78;

  logic [31:0] state_q;

  assign crc_o = ~state_q;

  // Column i of the matrix: what bit i of a whole block does to the register. Made bit by bit from
  // the last, which is shifted once, to the first, which is shifted 256 times.
  function automatic logic [256*32-1:0] columns();
    logic [31:0] c;
    c = 32'h1;
    columns = '0;
    for (int i = 255; i >= 0; i--) begin
      c = (c >> 1) ^ (c[0] ? Polynomial : 32'h0);
      columns[i*32 +: 32] = c;
    end
  endfunction

  // The same by rows: which bits of the block make bit j of the register.
  function automatic logic [32*256-1:0] rows();
    logic [256*32-1:0] m;
    m = columns();
    rows = '0;
    for (int i = 0; i < 256; i++) begin
      for (int j = 0; j < 32; j++) rows[j*256 + i] = m[i*32 + j];
    end
  endfunction

  localparam logic [32*256-1:0] Rows = rows();

  function automatic logic [31:0] step(logic [31:0] state, logic [255:0] data, logic [5:0] count);
    logic [255:0] block;
    logic [31:0]  left;
    if (count == 6'd32) begin
      block = data;
      block[31:0] = block[31:0] ^ state;
      left = 32'h0;
    end else begin
      block = (data ^ {224'b0, state}) << {6'd32 - count, 3'b0};
      left = (count < 6'd4) ? state >> {count[1:0], 3'b0} : 32'h0;
    end
    for (int j = 0; j < 32; j++) step[j] = ^(block & Rows[j*256 +: 256]);
    step = step ^ left;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) state_q <= '1;
    else if (valid_i) state_q <= step(state_q, data_i, count_i);
  end

endmodule
