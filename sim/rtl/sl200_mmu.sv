// SPDX-License-Identifier: MIT
// Translates the clients' addresses: bindings of address spaces to page tables, the TLB, several
// walkers, and the MCU's register block MMU. One look-up a cycle; those that miss wait at a walker,
// or for one. The second page that a client asks for in ascending order makes a walk for what comes
// after the block of the table that it is in, so that a stream never waits.

module sl200_mmu (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        bus_master_i,
  input  sl200_pkg::reg_req_t bus_req_i,
  output logic [31:0] bus_rdata_o,
  // Commands: hold_o stops the issue of requests, idle_i says that none is in flight, flush_o drops
  // what was translated and not issued.
  output logic        hold_o,
  output logic        flush_o,
  input  logic        idle_i,
  output logic        busy_o,
  // Look-ups of the clients
  input  logic [sl200_pkg::NumClients-1:0]    look_valid_i,
  input  logic [sl200_pkg::NumClients*16-1:0] look_asid_i,
  input  logic [sl200_pkg::NumClients*52-1:0] look_page_i,
  input  logic [sl200_pkg::NumClients-1:0]    look_next_i,
  output logic [sl200_pkg::NumClients-1:0]    look_gnt_o,
  output logic [sl200_pkg::NumClients-1:0]    res_valid_o,
  output logic        res_park_o,
  output logic [2:0]  res_reason_o,
  output logic [42:0] res_leaf_o,
  output logic        wake_o,          // a walker became free
  // Host memory, for the walkers
  output logic        read_want_o,
  output sl200_pkg::port_req_t read_req_o,
  input  logic        read_gnt_i,
  input  logic        beat_i,
  input  logic [1:0]  beat_walker_i,
  input  logic        beat_last_i,
  input  logic        beat_error_i,
  input  logic [255:0] beat_data_i,
  // Counters: pulse, pulse, level
  output logic        lookup_o,
  output logic        walk_o,
  output logic        walking_o
);

  localparam int unsigned NumClients = sl200_pkg::NumClients;
  localparam int unsigned NumWalkers = 4;
  localparam int unsigned MaxAsids = sl200_abi_pkg::MaxAsids;

  // ---------------------------------------------------------------- registers
  typedef enum logic [1:0] {
    StIdle, StDrain, StClear
  } state_e;

  state_e      state_q;
  logic [31:0] asid_q, root_lo_q, root_hi_q, iova_lo_q, iova_hi_q, size_lo_q, size_hi_q;
  logic [31:0] rdata_d, rdata_q;
  logic        mine;
  logic [63:0] iova, range_end;
  logic        bind_q, unbind_q, range_q;
  logic        drained, clear_busy;
  logic [MaxAsids-1:0] bound_q;

  assign mine = bus_req_i.valid &&
      bus_req_i.addr[15:8] == 8'(sl200_regs_pkg::MmuBase >> 8);
  assign bus_rdata_o = rdata_q;

  always_comb begin
    rdata_d = 32'd0;
    if (mine && !bus_req_i.write) begin
      unique case (bus_req_i.addr)
        16'(sl200_regs_pkg::MmuAsidAddr): rdata_d = asid_q;
        16'(sl200_regs_pkg::MmuRootLoAddr): rdata_d = root_lo_q;
        16'(sl200_regs_pkg::MmuRootHiAddr): rdata_d = root_hi_q;
        16'(sl200_regs_pkg::MmuIovaLoAddr): rdata_d = iova_lo_q;
        16'(sl200_regs_pkg::MmuIovaHiAddr): rdata_d = iova_hi_q;
        16'(sl200_regs_pkg::MmuSizeLoAddr): rdata_d = size_lo_q;
        16'(sl200_regs_pkg::MmuSizeHiAddr): rdata_d = size_hi_q;
        16'(sl200_regs_pkg::MmuStatusAddr):
          rdata_d = 32'(state_q != StIdle) << sl200_regs_pkg::MmuStatusBusyLsb;
        default: rdata_d = 32'd0;
      endcase
    end
  end

  assign iova = {iova_hi_q, iova_lo_q};
  assign range_end = iova + ({size_hi_q, size_lo_q} - 64'd1);
  assign hold_o = state_q != StIdle;
  assign flush_o = state_q == StDrain && drained;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      rdata_q <= '0;
      asid_q <= sl200_regs_pkg::MmuAsidReset;
      root_lo_q <= sl200_regs_pkg::MmuRootLoReset;
      root_hi_q <= sl200_regs_pkg::MmuRootHiReset;
      iova_lo_q <= sl200_regs_pkg::MmuIovaLoReset;
      iova_hi_q <= sl200_regs_pkg::MmuIovaHiReset;
      size_lo_q <= sl200_regs_pkg::MmuSizeLoReset;
      size_hi_q <= sl200_regs_pkg::MmuSizeHiReset;
      bound_q <= '0;
    end else begin
      rdata_q <= rdata_d;
      // Operands stay as they are while a command is busy with them.
      if (mine && bus_req_i.write && state_q == StIdle) begin
        unique case (bus_req_i.addr)
          16'(sl200_regs_pkg::MmuAsidAddr): asid_q <= bus_req_i.wdata;
          16'(sl200_regs_pkg::MmuRootLoAddr): root_lo_q <= bus_req_i.wdata;
          16'(sl200_regs_pkg::MmuRootHiAddr): root_hi_q <= bus_req_i.wdata;
          16'(sl200_regs_pkg::MmuIovaLoAddr): iova_lo_q <= bus_req_i.wdata;
          16'(sl200_regs_pkg::MmuIovaHiAddr): iova_hi_q <= bus_req_i.wdata;
          16'(sl200_regs_pkg::MmuSizeLoAddr): size_lo_q <= bus_req_i.wdata;
          16'(sl200_regs_pkg::MmuSizeHiAddr): size_hi_q <= bus_req_i.wdata;
          16'(sl200_regs_pkg::MmuCmdAddr): begin
            bind_q <= bus_req_i.wdata == sl200_regs_pkg::MmuCmdBind;
            unbind_q <= bus_req_i.wdata == sl200_regs_pkg::MmuCmdUnbind;
            range_q <= bus_req_i.wdata == sl200_regs_pkg::MmuCmdInvalidateRange;
            if (bus_req_i.wdata >= sl200_regs_pkg::MmuCmdBind &&
                bus_req_i.wdata <= sl200_regs_pkg::MmuCmdInvalidateRange &&
                asid_q != 32'd0 && asid_q < sl200_abi_pkg::MaxAsids) begin
              state_q <= StDrain;
            end
          end
          default: ;
        endcase
      end
      if (flush_o) state_q <= StClear;
      if (state_q == StClear && !clear_busy) begin
        state_q <= StIdle;
        if (bind_q || unbind_q) bound_q[asid_q[7:0]] <= bind_q;
      end
    end
  end

  // ---------------------------------------------------------------- look-up
  // First cycle: choose, and read the TLB. Second cycle: answer, or start a walk.
  logic [NumClients-1:0] look_gnt;
  logic        look, look_ok, look_next, result_wait;
  logic [15:0] look_asid;
  logic [51:0] look_page;
  logic [2:0]  look_client;

  logic        ahead_q;               // a look-up for what comes next
  logic [7:0]  ahead_asid_q;
  logic [30:0] ahead_block_q;         // IOVA [47:17]: what a block of a table maps

  logic        cmp_q, cmp_ahead_q, cmp_next_q;
  logic [NumClients-1:0] cmp_client_q;
  logic [2:0]  cmp_number_q;
  logic [2:0]  cmp_reason_q;
  logic [7:0]  cmp_asid_q;
  logic [35:0] cmp_page_q;
  logic        hit, miss;
  logic [42:0] hit_leaf;

  // The results share their way to the clients: no look-up while a walk's waits.
  assign look_ok = state_q == StIdle && !result_wait;

  sl200_arbiter #(.N(NumClients)) u_look_arbiter (
    .clk_i,
    .rst_ni,
    .req_i(look_valid_i),
    .advance_i(look_ok),
    .gnt_o(look_gnt)
  );
  assign look_gnt_o = look_gnt & {NumClients{look_ok}};
  assign look = look_ok && (|look_gnt || ahead_q);
  assign lookup_o = |look_gnt_o;

  always_comb begin
    look_asid = {8'd0, ahead_asid_q};
    look_page = {16'd0, ahead_block_q, 5'd0};
    look_client = 3'd0;
    look_next = 1'b0;
    if (|look_gnt) begin
      for (int unsigned c = 0; c < NumClients; c++) begin
        if (look_gnt[c]) begin
          look_asid = look_asid_i[c*16 +: 16];
          look_page = look_page_i[c*52 +: 52];
          look_client = 3'(c);
          look_next = look_next_i[c];
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cmp_q <= 1'b0;
      ahead_q <= 1'b0;
    end else begin
      cmp_q <= look;
      if (look && look_gnt == '0) ahead_q <= 1'b0;
      if (cmp_q && cmp_next_q && cmp_reason_q == 3'd0 && !(&cmp_page_q[35:5])) ahead_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (look) begin
      cmp_client_q <= look_gnt;
      cmp_number_q <= look_client;
      cmp_ahead_q <= look_gnt == '0;
      cmp_next_q <= look_next;
      cmp_asid_q <= look_asid[7:0];
      cmp_page_q <= look_page[35:0];
      if (!bus_master_i) cmp_reason_q <= 3'(sl200_abi_pkg::MmuBus);
      else if (look_asid[15:8] != 8'd0) cmp_reason_q <= 3'(sl200_abi_pkg::MmuNotBound);
      else if (!bound_q[look_asid[7:0]]) cmp_reason_q <= 3'(sl200_abi_pkg::MmuNotBound);
      else if (look_page[51:36] != 16'd0) cmp_reason_q <= 3'(sl200_abi_pkg::MmuRange);
      else cmp_reason_q <= 3'd0;
    end
    if (cmp_q && cmp_next_q) begin
      ahead_asid_q <= cmp_asid_q;
      ahead_block_q <= cmp_page_q[35:5] + 31'd1;
    end
  end

  assign miss = cmp_q && cmp_reason_q == 3'd0 && !hit;

  // ---------------------------------------------------------------- walkers
  logic [39:0] root;
  logic        start;

  sl200_ram #(
    .Width(40),
    .Depth(MaxAsids)
  ) u_roots (
    .clk_i,
    .re_i(start),
    .raddr_i(cmp_asid_q),
    .rdata_o(root),
    .we_i(flush_o && bind_q),
    .be_i(1'b1),
    .waddr_i(asid_q[7:0]),
    .wdata_i({root_hi_q[19:0], root_lo_q[31:12]})
  );

  logic [NumWalkers-1:0] walker_busy, walker_busy_q, walker_free, walker_start, walker_ahead;
  logic [NumWalkers-1:0] walker_same, walker_read, walker_read_gnt;
  logic [NumWalkers-1:0] walker_result, walker_result_gnt, walker_fill, walker_huge;
  logic [NumWalkers*52-1:0] walker_addr;
  logic [NumWalkers*9-1:0]  walker_len;
  logic [NumWalkers*2-1:0]  walker_lane;
  logic [NumWalkers*8-1:0]  walker_asid;
  logic [NumWalkers*36-1:0] walker_page;
  logic [NumWalkers*3-1:0]  walker_client, walker_reason;
  logic [NumWalkers*43-1:0] walker_leaf;
  logic [NumWalkers*34-1:0] walker_half, walker_huge_leaf;
  logic [63:0]  entry;
  logic [175:0] leaves;
  logic         start_ok;

  assign walking_o = |walker_busy;
  assign walker_free = ~walker_busy;
  // Ahead of need only while another walker stays free.
  assign start_ok = cmp_ahead_q ? |(walker_free & (walker_free - NumWalkers'(1))) : |walker_free;
  assign start = miss && walker_same == '0 && start_ok;
  assign walker_start = walker_free & (~walker_free + NumWalkers'(1)) & {NumWalkers{start}};
  assign walk_o = start && !cmp_ahead_q;

  always_comb begin
    walker_same = '0;
    if (miss) begin
      for (int unsigned w = 0; w < NumWalkers; w++) begin
        walker_same[w] = walker_busy[w] && walker_asid[w*8 +: 8] == cmp_asid_q &&
            walker_page[w*36 + 5 +: 31] == cmp_page_q[35:5] &&
            walker_page[w*36 + 3 +: 2] <= cmp_page_q[4:3];
      end
    end
  end

  // What the TLB keeps of an entry of a last table: { address, DRAM, WRITE, READ, present }.
  function automatic logic [43:0] leaf(input logic [63:0] pte);
    leaf = {pte[51:12], |(pte & 64'(sl200_abi_pkg::PteDram)),
            |(pte & 64'(sl200_abi_pkg::PteWrite)), |(pte & 64'(sl200_abi_pkg::PteRead)),
            |(pte & 64'(sl200_abi_pkg::PteValid)) &&
            !(|(pte & ~(sl200_abi_pkg::PteAddr | 64'(sl200_abi_pkg::PteDram) |
                        64'(sl200_abi_pkg::PteWrite) | 64'(sl200_abi_pkg::PteRead) |
                        64'(sl200_abi_pkg::PteValid))))};
  endfunction

  always_comb begin
    entry = 64'd0;
    leaves = 176'd0;
    if (beat_i) begin
      entry = beat_data_i[walker_lane[beat_walker_i*2 +: 2]*64 +: 64];
      for (int unsigned i = 0; i < 4; i++) begin
        leaves[i*44 +: 44] = leaf(beat_data_i[i*64 +: 64]);
      end
    end
  end

  for (genvar w = 0; w < NumWalkers; w++) begin : gen_walker
    sl200_walker u_walker (
      .clk_i,
      .rst_ni,
      .bus_master_i,
      .start_i(walker_start[w]),
      .asid_i(cmp_asid_q),
      .page_i(cmp_page_q),
      .ahead_i(cmp_ahead_q),
      .client_i(cmp_number_q),
      .root_i(root),
      .busy_o(walker_busy[w]),
      .asid_o(walker_asid[w*8 +: 8]),
      .page_o(walker_page[w*36 +: 36]),
      .ahead_o(walker_ahead[w]),
      .client_o(walker_client[w*3 +: 3]),
      .read_o(walker_read[w]),
      .read_addr_o(walker_addr[w*52 +: 52]),
      .read_len_o(walker_len[w*9 +: 9]),
      .read_gnt_i(walker_read_gnt[w]),
      .beat_i(beat_i && beat_walker_i == 2'(w)),
      .beat_last_i,
      .beat_error_i,
      .lane_o(walker_lane[w*2 +: 2]),
      .entry_i(entry),
      .fill_o(walker_fill[w]),
      .fill_half_o(walker_half[w*34 +: 34]),
      .huge_o(walker_huge[w]),
      .huge_leaf_o(walker_huge_leaf[w*34 +: 34]),
      .result_o(walker_result[w]),
      .result_gnt_i(walker_result_gnt[w]),
      .reason_o(walker_reason[w*3 +: 3]),
      .leaf_o(walker_leaf[w*43 +: 43])
    );
  end

  logic unused_ahead;
  assign unused_ahead = ^walker_ahead;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) walker_busy_q <= '0;
    else walker_busy_q <= walker_busy;
  end
  assign wake_o = |(walker_busy_q & ~walker_busy);

  // Their reads
  logic [NumWalkers-1:0] read_gnt;

  sl200_arbiter #(.N(NumWalkers)) u_read_arbiter (
    .clk_i,
    .rst_ni,
    .req_i(walker_read),
    .advance_i(read_gnt_i),
    .gnt_o(read_gnt)
  );
  assign read_want_o = |walker_read;
  assign walker_read_gnt = read_gnt & {NumWalkers{read_gnt_i}};

  always_comb begin
    read_req_o = '0;
    if (read_want_o) begin
      for (int unsigned w = 0; w < NumWalkers; w++) begin
        if (read_gnt[w]) begin
          read_req_o.addr = {12'd0, walker_addr[w*52 +: 52]};
          read_req_o.len = walker_len[w*9 +: 9];
          read_req_o.id = {sl200_pkg::WalkerId, sl200_pkg::TagWidth'(w)};
        end
      end
    end
  end

  // ---------------------------------------------------------------- results
  logic [NumWalkers-1:0] result_first;

  assign result_wait = |walker_result;
  assign result_first = walker_result & (~walker_result + NumWalkers'(1));
  assign walker_result_gnt = cmp_q ? '0 : result_first;

  always_comb begin
    res_valid_o = '0;
    res_park_o = 1'b0;
    res_reason_o = 3'd0;
    res_leaf_o = 43'd0;
    if (cmp_q) begin
      if (!start) res_valid_o = cmp_client_q;
      res_park_o = miss;
      res_reason_o = cmp_reason_q;
      res_leaf_o = hit_leaf;
    end else if (result_wait) begin
      for (int unsigned w = 0; w < NumWalkers; w++) begin
        if (result_first[w]) begin
          res_valid_o = NumClients'(1) << walker_client[w*3 +: 3];
          res_reason_o = walker_reason[w*3 +: 3];
          res_leaf_o = walker_leaf[w*43 +: 43];
        end
      end
    end
  end

  // ---------------------------------------------------------------- TLB
  logic [7:0]  fill_asid;
  logic [33:0] fill_half, huge_leaf;
  logic [26:0] fill_huge;

  always_comb begin
    fill_asid = 8'd0;
    fill_half = 34'd0;
    fill_huge = 27'd0;
    huge_leaf = 34'd0;
    if (beat_i) begin
      fill_asid = walker_asid[beat_walker_i*8 +: 8];
      fill_half = walker_half[beat_walker_i*34 +: 34];
      fill_huge = walker_page[beat_walker_i*36 + 9 +: 27];
      huge_leaf = walker_huge_leaf[beat_walker_i*34 +: 34];
    end
  end

  sl200_tlb u_tlb (
    .clk_i,
    .rst_ni,
    .look_i(look),
    .look_asid_i(look_asid[7:0]),
    .look_half_i(look_page[35:2]),
    .key_valid_i(cmp_q),
    .key_asid_i(cmp_asid_q),
    .key_page_i(cmp_page_q),
    .hit_o(hit),
    .leaf_o(hit_leaf),
    .fill_i(|walker_fill),
    .fill_asid_i(fill_asid),
    .fill_half_i(fill_half),
    .fill_leaves_i(leaves),
    .huge_i(|walker_huge),
    .huge_asid_i(fill_asid),
    .huge_page_i(fill_huge),
    .huge_leaf_i(huge_leaf),
    .clear_i(flush_o && !(range_q && {size_hi_q, size_lo_q} == 64'd0)),
    .clear_asid_i(asid_q[7:0]),
    .clear_first_i(range_q ? iova[63:15] : 49'd0),
    .clear_last_i(!range_q || range_end < iova ? '1 : range_end[63:15]),
    .clear_busy_o(clear_busy)
  );

  assign busy_o = state_q != StIdle || walking_o || cmp_q;
  assign drained = idle_i && walker_busy == '0 && !cmp_q;

  logic unused_range;
  assign unused_range = ^{range_end[14:0], iova[14:0]};

endmodule
