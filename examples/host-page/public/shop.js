// The shop listens to Drover's events, and shows the picture that was made last.
const figure = document.querySelector('#picture')

document.addEventListener('drover-outcome', ({ outcome }) => {
  if (outcome.type !== 'result') return
  const { data_url, width, height, bytes } = outcome.output
  // A worker's word is not an address: only raster pictures, as the widgets have it.
  if (!/^data:image\/(png|jpeg|webp);base64,/.test(data_url)) return
  figure.querySelector('img').src = data_url
  figure.querySelector('figcaption').textContent = `${width} × ${height} pixels, ${bytes} bytes`
  figure.hidden = false
})
