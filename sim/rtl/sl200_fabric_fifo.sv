// SPDX-License-Identifier: MIT
// A small queue whose head can be seen. Depth is a power of two.

module sl200_fabric_fifo #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,   // not while full_o
  input  logic [Width-1:0] data_i,
  input  logic             pop_i,    // not while empty_o
  output logic [Width-1:0] head_o,
  output logic             full_o,
  output logic             empty_o
);

  localparam int unsigned PtrWidth = $clog2(Depth);

  logic [Width-1:0]    mem [Depth];
  logic [PtrWidth-1:0] write_q, read_q;
  logic [PtrWidth:0]   count_q;

  assign head_o = mem[read_q];
  assign empty_o = count_q == '0;
  assign full_o = count_q[PtrWidth];

  always_ff @(posedge clk_i) begin
    if (push_i) mem[write_q] <= data_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q <= '0;
      count_q <= '0;
    end else if (push_i || pop_i) begin
      if (push_i) write_q <= write_q + PtrWidth'(1);
      if (pop_i) read_q <= read_q + PtrWidth'(1);
      if (push_i && !pop_i) count_q <= count_q + (PtrWidth + 1)'(1);
      if (!push_i && pop_i) count_q <= count_q - (PtrWidth + 1)'(1);
    end
  end

endmodule
