// SPDX-License-Identifier: MIT
// The boot ROM: 64-bit words, one synchronous read port. In simulation its image, a file for
// $readmemh, is named by +rom=FILE, or else by the parameter.

module sl200_rom #(
  parameter RomFile = ""
) (
  input  logic        clk_i,
  input  logic        re_i,
  input  logic [11:0] addr_i,
  output logic [63:0] rdata_o    // of the last address read, from the cycle after on
);

  localparam int unsigned Words = 4096;

  logic [63:0] rom [Words];

  always_ff @(posedge clk_i) begin
    if (re_i) rdata_o <= rom[addr_i];
  end

`ifdef SYNTHESIS
  if (RomFile != "") begin : gen_image
    initial $readmemh(RomFile, rom);
  end
`else
  string file;

  initial begin
    if (!$value$plusargs("rom=%s", file)) file = RomFile;
    if (file == "") $fatal(1, "the boot ROM has no image: +rom=FILE");
    $readmemh(file, rom);
  end
`endif

endmodule
