// SPDX-License-Identifier: MIT
// One walk through a page table: four levels, an entry of each read from host memory. Of the last
// table everything from the entry's line to the end of the block is read, which fills the TLB ahead
// of an access in ascending order for the price of one read.

module sl200_walker (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        bus_master_i,
  // Start; the root comes in the next cycle.
  input  logic        start_i,
  input  logic [7:0]  asid_i,
  input  logic [35:0] page_i,        // IOVA [47:12]
  input  logic        ahead_i,       // for nobody yet: no result
  input  logic [2:0]  client_i,
  input  logic [39:0] root_i,        // address [51:12]
  output logic        busy_o,
  output logic [7:0]  asid_o,
  output logic [35:0] page_o,
  output logic        ahead_o,
  output logic [2:0]  client_o,
  // Host memory
  output logic        read_o,
  output logic [51:0] read_addr_o,
  output logic [8:0]  read_len_o,
  input  logic        read_gnt_i,
  input  logic        beat_i,
  input  logic        beat_last_i,
  input  logic        beat_error_i,
  output logic [1:0]  lane_o,        // of the entry in its beat
  input  logic [63:0] entry_i,
  // The beat is the lower or upper half of this line of the last table.
  output logic        fill_o,
  output logic [33:0] fill_half_o,   // IOVA [47:14]
  // Result: one of the two pulses; the leaf is { address of the 4 KiB page [51:12], DRAM, WRITE, READ }
  output logic        huge_o,        // the leaf is a 2 MiB page's; while a beat is taken
  output logic [33:0] huge_leaf_o,
  output logic        result_o,      // held until result_gnt_i
  input  logic        result_gnt_i,
  output logic [2:0]  reason_o,
  output logic [42:0] leaf_o
);

  typedef enum logic [2:0] {
    StIdle, StRoot, StAsk, StRead, StResult
  } state_e;

  localparam logic [63:0] TableBits = 64'(sl200_abi_pkg::PteValid) | sl200_abi_pkg::PteAddr;
  localparam logic [63:0] LeafBits = TableBits | 64'(sl200_abi_pkg::PteRead) |
      64'(sl200_abi_pkg::PteWrite) | 64'(sl200_abi_pkg::PteDram);

  state_e      state_q;
  logic [7:0]  asid_q;
  logic [35:0] page_q;
  logic        ahead_q;
  logic [2:0]  client_q;
  logic [39:0] table_q;
  logic [1:0]  level_q;
  logic [2:0]  half_q;       // of the block of the last table: the beat that comes
  logic [2:0]  reason_q;
  logic [42:0] leaf_q;

  logic [8:0]  index;
  logic        mine, leaf, huge;
  logic [2:0]  wrong;

  assign busy_o = state_q != StIdle;
  assign asid_o = asid_q;
  assign page_o = page_q;
  assign ahead_o = ahead_q;
  assign client_o = client_q;

  always_comb begin
    unique case (level_q)
      2'd3: index = page_q[35:27];
      2'd2: index = page_q[26:18];
      2'd1: index = page_q[17:9];
      default: index = page_q[8:0];
    endcase
  end

  assign read_o = state_q == StAsk && bus_master_i;
  assign read_addr_o = {table_q, level_q == 2'd0 ? {index[8:3], 3'd0} : index, 3'd0};
  assign read_len_o = level_q == 2'd0 ? 9'd256 - {1'b0, index[4:3], 6'd0} : 9'd8;
  assign lane_o = index[1:0];

  // The beat with this walk's entry: of the last table's the half of the line that it is in.
  assign mine = beat_i && (level_q != 2'd0 || beat_error_i || half_q == page_q[4:2]);
  assign huge = level_q == 2'd1 && |(entry_i & 64'(sl200_abi_pkg::PteHuge));
  assign leaf = level_q == 2'd0 || huge;

  assign fill_o = beat_i && !beat_error_i && level_q == 2'd0;
  assign fill_half_o = {page_q[35:5], half_q};
  assign huge_o = mine && huge && wrong == 3'd0;
  assign huge_leaf_o = {entry_i[51:21], leaf_bits(entry_i)};

  assign result_o = state_q == StResult && !ahead_q;
  assign reason_o = reason_q;
  assign leaf_o = leaf_q;

  // DRAM, WRITE, READ of a leaf.
  function automatic logic [2:0] leaf_bits(input logic [63:0] entry);
    leaf_bits = {|(entry & 64'(sl200_abi_pkg::PteDram)), |(entry & 64'(sl200_abi_pkg::PteWrite)),
                 |(entry & 64'(sl200_abi_pkg::PteRead))};
  endfunction

  always_comb begin
    wrong = 3'd0;
    if (mine) begin
      if (beat_error_i) begin
        wrong = 3'(sl200_abi_pkg::MmuBadEntry);
      end else if (!(|(entry_i & 64'(sl200_abi_pkg::PteValid)))) begin
        wrong = 3'(sl200_abi_pkg::MmuNotPresent);
      end else if (huge) begin
        if (|(entry_i & ~(LeafBits | 64'(sl200_abi_pkg::PteHuge))) || entry_i[20:12] != 9'd0) begin
          wrong = 3'(sl200_abi_pkg::MmuBadEntry);
        end
      end else if (|(entry_i & ~(leaf ? LeafBits : TableBits))) begin
        wrong = 3'(sl200_abi_pkg::MmuBadEntry);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (start_i) begin
            state_q <= StRoot;
            asid_q <= asid_i;
            page_q <= page_i;
            ahead_q <= ahead_i;
            client_q <= client_i;
            level_q <= 2'd3;
          end
        end
        StRoot: begin
          table_q <= root_i;
          state_q <= StAsk;
        end
        StAsk: begin
          half_q <= {index[4:3], 1'b0};
          if (!bus_master_i) begin
            reason_q <= 3'(sl200_abi_pkg::MmuBus);
            state_q <= StResult;
          end else if (read_gnt_i) begin
            state_q <= StRead;
          end
        end
        StRead: begin
          if (beat_i) half_q <= half_q + 3'd1;
          if (mine) begin
            reason_q <= wrong;
            leaf_q <= {entry_i[51:21], huge ? page_q[8:0] : entry_i[20:12], leaf_bits(entry_i)};
            table_q <= entry_i[51:12];
          end
          if (beat_i && beat_last_i) begin
            if (leaf || (mine && wrong != 3'd0)) begin
              state_q <= StResult;
            end else begin
              level_q <= level_q - 2'd1;
              state_q <= StAsk;
            end
          end
        end
        StResult: begin
          if (ahead_q || result_gnt_i) state_q <= StIdle;
        end
        default: state_q <= StIdle;
      endcase
    end
  end

endmodule
