// SPDX-License-Identifier: MIT
// Memory with one synchronous read port and one write port. A word that is read and written in the
// same cycle reads as it was before. rdata_o stays until the next read. Contents survive resets and
// are undefined before the first write.

module sl200_ram #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 64,
  parameter bit ByteEnable = 1'b0,      // Width is then a multiple of 8
  // Not to be set: they follow from the above.
  parameter int unsigned AddrWidth = (Depth > 1) ? $clog2(Depth) : 1,
  parameter int unsigned BeWidth = ByteEnable ? Width / 8 : 1
) (
  input  logic                 clk_i,
  input  logic                 re_i,
  input  logic [AddrWidth-1:0] raddr_i,
  output logic [Width-1:0]     rdata_o,
  input  logic                 we_i,
  input  logic [BeWidth-1:0]   be_i,    // ignored without ByteEnable
  input  logic [AddrWidth-1:0] waddr_i,
  input  logic [Width-1:0]     wdata_i
);

  logic [Width-1:0] mem [Depth];

  always_ff @(posedge clk_i) begin
    if (re_i) rdata_o <= mem[raddr_i];
  end

  if (ByteEnable) begin : gen_bytes
    always_ff @(posedge clk_i) begin
      if (we_i) begin
        for (int unsigned i = 0; i < BeWidth; i++) begin
          if (be_i[i]) mem[waddr_i][i*8 +: 8] <= wdata_i[i*8 +: 8];
        end
      end
    end
  end else begin : gen_words
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= wdata_i;
    end

    logic unused_be;
    assign unused_be = ^be_i;
  end

endmodule
