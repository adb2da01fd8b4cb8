/** The slope of the line that fits points best (least squares): y for each unit of x; 0 for fewer than two points. */
export const slope = (points: readonly (readonly [x: number, y: number])[]): number => {
  const mean = (pickOne: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + pickOne(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (points.length < 2 || spread === 0) return 0;
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
};
