// Cells of tables: numbers, flags and gaps, and words that only look like numbers.
import { expect, test } from 'vitest'
import { typeOfCells, valueOfCell } from '../../../cli/tables/cells.ts'

test.each([
  [['1', '2.5', '-3e4', '.5', 'NA', ''], 'number'],
  [['007', '123'], 'text'],
  [['1', 'two'], 'text'],
  [['true', 'FALSE', 'null'], 'flag'],
  [['', 'NA'], 'text'],
  [['Infinity', '1'], 'text'],
] as const)('%j is %s', (cells, type) => {
  expect(typeOfCells(cells)).toBe(type)
})

test.each([
  ['12', 'number', 12],
  ['9007199254740993', 'number', '9007199254740993'],
  ['x', 'number', 'x'],
  ['1', 'flag', true],
  ['True', 'flag', true],
  ['maybe', 'flag', 'maybe'],
  ['NaN', 'text', null],
  ['007', 'text', '007'],
] as const)('%s as %s is %j', (cell, type, value) => {
  expect(valueOfCell(cell, type)).toBe(value)
})
