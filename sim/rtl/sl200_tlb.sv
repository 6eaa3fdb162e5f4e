// SPDX-License-Identifier: MIT
// Translations that were found before. Small pages are kept by lines of 8, as a 64-byte piece of a
// table holds them, 2 MiB pages in an array of their own; both direct-mapped. What is absent or wrong
// in a table is absent here.

module sl200_tlb #(
  parameter int unsigned Lines = 512,   // powers of two
  parameter int unsigned Huges = 32
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Look up: the answer is there in the next cycle, in which the key is given again.
  input  logic         look_i,
  input  logic [7:0]   look_asid_i,
  input  logic [33:0]  look_half_i,     // IOVA [47:14]
  input  logic         key_valid_i,
  input  logic [7:0]   key_asid_i,
  input  logic [35:0]  key_page_i,
  output logic         hit_o,
  output logic [42:0]  leaf_o,          // { address of the 4 KiB page [51:12], DRAM, WRITE, READ }
  // Fill half a line, the lower half first; the line counts when its upper half is there.
  input  logic         fill_i,
  input  logic [7:0]   fill_asid_i,
  input  logic [33:0]  fill_half_i,     // IOVA [47:14]
  input  logic [175:0] fill_leaves_i,   // 4 of { leaf, present }
  // Fill a huge page
  input  logic         huge_i,
  input  logic [7:0]   huge_asid_i,
  input  logic [26:0]  huge_page_i,     // IOVA [47:21]
  input  logic [33:0]  huge_leaf_i,     // { address [51:21], DRAM, WRITE, READ }
  // Forget an address space's translations of lines first to last (IOVA >> 15). No look-ups and no
  // fills until it is done.
  input  logic         clear_i,
  input  logic [7:0]   clear_asid_i,
  input  logic [48:0]  clear_first_i,
  input  logic [48:0]  clear_last_i,
  output logic         clear_busy_o
);

  localparam int unsigned LineBits = $clog2(Lines);
  localparam int unsigned HugeBits = $clog2(Huges);

  // Where a line or a huge page is kept. Address bits are folded, and spaces set apart, because
  // buffers tend to begin at round addresses.
  function automatic logic [LineBits-1:0] line_index(input logic [7:0] asid,
                                                     input logic [2*LineBits-1:0] line);
    line_index = line[0 +: LineBits] ^ line[LineBits +: LineBits] ^ LineBits'(asid);
  endfunction

  function automatic logic [HugeBits-1:0] huge_index(input logic [HugeBits-1:0] asid,
                                                     input logic [2*HugeBits-1:0] page);
    huge_index = page[0 +: HugeBits] ^ page[HugeBits +: HugeBits] ^ asid;
  endfunction

  logic [Lines-1:0]    line_valid_q;
  logic [Huges-1:0]    huge_valid_q;

  // Read side of the memories, shared by look-up and clear.
  logic                read;
  logic [LineBits-1:0] line_raddr, line_raddr_q;
  logic [HugeBits-1:0] huge_raddr, huge_raddr_q;
  logic                line_there_q, huge_there_q;
  logic [40:0]         line_tag;        // { asid, IOVA [47:15] }
  logic [68:0]         huge_entry;      // { asid, IOVA [47:21], leaf }
  logic [175:0]        half;

  logic [LineBits-1:0] fill_index;
  logic [HugeBits-1:0] huge_fill_index;

  // Clearing
  logic                clear_q, clear_read_q, clear_all_q;
  logic [7:0]          clear_asid_q;
  logic [48:0]         clear_first_q, clear_last_q, clear_count;
  logic [LineBits-1:0] clear_step_q;
  logic                clear_last_step;
  logic [32:0]         clear_line;
  logic                clear_line_hit, clear_huge_hit;

  assign fill_index = line_index(fill_asid_i, fill_half_i[1 +: 2*LineBits]);
  assign huge_fill_index = huge_index(huge_asid_i[HugeBits-1:0], huge_page_i[2*HugeBits-1:0]);

  // ---------------------------------------------------------------- look-up
  assign read = look_i || clear_q;
  assign clear_line = clear_first_q[32:0] + 33'(clear_step_q);
  always_comb begin
    line_raddr = line_index(look_asid_i, look_half_i[1 +: 2*LineBits]);
    huge_raddr = huge_index(look_asid_i[HugeBits-1:0], look_half_i[7 +: 2*HugeBits]);
    if (clear_q) begin
      line_raddr = clear_all_q ? clear_step_q : line_index(clear_asid_q, clear_line[2*LineBits-1:0]);
      huge_raddr = clear_all_q ? clear_step_q[HugeBits-1:0] :
          huge_index(clear_asid_q[HugeBits-1:0], clear_line[6 +: 2*HugeBits]);
    end
  end

  sl200_ram #(
    .Width(41),
    .Depth(Lines)
  ) u_tags (
    .clk_i,
    .re_i(read),
    .raddr_i(line_raddr),
    .rdata_o(line_tag),
    .we_i(fill_i && fill_half_i[0]),
    .be_i(1'b1),
    .waddr_i(fill_index),
    .wdata_i({fill_asid_i, fill_half_i[33:1]})
  );

  sl200_ram #(
    .Width(176),
    .Depth(2 * Lines)
  ) u_leaves (
    .clk_i,
    .re_i(look_i),
    .raddr_i({line_raddr, look_half_i[0]}),
    .rdata_o(half),
    .we_i(fill_i),
    .be_i(1'b1),
    .waddr_i({fill_index, fill_half_i[0]}),
    .wdata_i(fill_leaves_i)
  );

  sl200_ram #(
    .Width(69),
    .Depth(Huges)
  ) u_huge (
    .clk_i,
    .re_i(read),
    .raddr_i(huge_raddr),
    .rdata_o(huge_entry),
    .we_i(huge_i),
    .be_i(1'b1),
    .waddr_i(huge_fill_index),
    .wdata_i({huge_asid_i, huge_page_i, huge_leaf_i})
  );

  always_ff @(posedge clk_i) begin
    if (read) begin
      line_raddr_q <= line_raddr;
      huge_raddr_q <= huge_raddr;
      line_there_q <= line_valid_q[line_raddr];
      huge_there_q <= huge_valid_q[huge_raddr];
    end
  end

  always_comb begin
    hit_o = 1'b0;
    leaf_o = 43'd0;
    if (key_valid_i) begin
      if (huge_there_q && huge_entry[68:34] == {key_asid_i, key_page_i[35:9]}) begin
        hit_o = 1'b1;
        leaf_o = {huge_entry[33:3], key_page_i[8:0], huge_entry[2:0]};
      end
      if (line_there_q && line_tag == {key_asid_i, key_page_i[35:3]} &&
          half[key_page_i[1:0]*44]) begin
        hit_o = 1'b1;
        leaf_o = half[key_page_i[1:0]*44 + 1 +: 43];
      end
    end
  end

  // ---------------------------------------------------------------- clear
  // A range of fewer lines than there are is looked for line by line, else all are gone through. The
  // huge pages of the range are found on the way.
  assign clear_count = clear_last_i - clear_first_i;
  assign clear_last_step = clear_all_q ? &clear_step_q :
      clear_first_q + 49'(clear_step_q) == clear_last_q;
  assign clear_busy_o = clear_q || clear_read_q;

  assign clear_line_hit = line_there_q && line_tag[40:33] == clear_asid_q &&
      {16'd0, line_tag[32:0]} >= clear_first_q && {16'd0, line_tag[32:0]} <= clear_last_q;
  assign clear_huge_hit = huge_there_q && huge_entry[68:61] == clear_asid_q &&
      {16'd0, huge_entry[60:34]} >= clear_first_q[48:6] &&
      {16'd0, huge_entry[60:34]} <= clear_last_q[48:6];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      clear_q <= 1'b0;
      clear_read_q <= 1'b0;
    end else begin
      clear_read_q <= clear_q;
      if (clear_i) begin
        clear_q <= 1'b1;
        clear_all_q <= clear_count >= 49'(Lines);
        clear_asid_q <= clear_asid_i;
        clear_first_q <= clear_first_i;
        clear_last_q <= clear_last_i;
        clear_step_q <= '0;
      end else if (clear_q) begin
        clear_step_q <= clear_step_q + LineBits'(1);
        if (clear_last_step) clear_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      line_valid_q <= '0;
      huge_valid_q <= '0;
    end else begin
      if (fill_i) line_valid_q[fill_index] <= fill_half_i[0];
      if (huge_i) huge_valid_q[huge_fill_index] <= 1'b1;
      if (clear_read_q && clear_line_hit) line_valid_q[line_raddr_q] <= 1'b0;
      if (clear_read_q && clear_huge_hit) huge_valid_q[huge_raddr_q] <= 1'b0;
    end
  end

  logic unused_upper;  // what is not folded into an index
  assign unused_upper = ^{look_half_i, clear_line};

endmodule
