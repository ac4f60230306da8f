import { useEffect, useState } from 'preact/hooks';

/** The width of the page, now and later, in pixels. */
export function usePageWidth(): number {
  const [width, setWidth] = useState(innerWidth);
  useEffect(() => {
    const changed = () => setWidth(innerWidth);
    addEventListener('resize', changed);
    return () => removeEventListener('resize', changed);
  }, []);
  return width;
}
