/* Where a page comes from the disk, browsers start no workers: run the search in a hidden frame. */
if (location.protocol === "file:" && !window.__frameWorker) {
  window.__frameWorker = true
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      this.onmessage = this.onerror = null
      this.addEventListener("message", (event) => this.onmessage && this.onmessage(event))
      this.addEventListener("error", (event) => this.onerror && this.onerror(event))
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      document.documentElement.appendChild(this.frame)
      const inside = this.frame.contentWindow
      inside.postMessageToPage = (data) =>
        this.dispatchEvent(new MessageEvent("message", { data }))
      inside.document.open()
      inside.document.write(
        "<!doctype html><script>var postMessage = window.postMessage = postMessageToPage;" +
        "function importScripts() { for (const url of arguments) {" +
        "const request = document.createElement('script'); request.src = url; request.async = false;" +
        "document.head.appendChild(request) } }</scr" + "ipt>" +
        "<script src='" + String(url).replace(/'/g, "%27") + "'></scr" + "ipt>"
      )
      inside.document.close()
      this.inside = inside
      inside.addEventListener("load", () => {
        const waiting = this.waiting
        this.waiting = null
        waiting.forEach((data) => this.postMessage(data))
      })
    }
    postMessage(data) {
      if (this.waiting) this.waiting.push(data)
      else this.inside.dispatchEvent(new MessageEvent("message", { data }))
    }
    terminate() {
      this.frame.remove()
    }
  }
}
